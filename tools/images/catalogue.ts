// SPDX-License-Identifier: Apache-2.0
/** Our images as data: the name that the chart uses, and which bundles of `dist/` are in it. */

export type Component = 'operator' | 'agent' | 'firewall' | 'loadbalancer' | 'custom' | 'vpn';

export interface ComponentImage {
  readonly component: Component;
  readonly title: string;
  readonly bundles: readonly string[];
  /** Packages of npm are copied beside the bundles. */
  readonly copiesPackages: boolean;
}

function ours(component: Component, title: string): ComponentImage {
  return { component, title, bundles: [`${component}.mjs`], copiesPackages: false };
}

export const components: readonly ComponentImage[] = [
  ours('operator', 'Heddle operator'),
  {
    component: 'agent',
    title: 'Heddle node agent',
    bundles: ['agent.mjs', 'agent-kernel-child.mjs', 'agent-nri-thread.mjs'],
    copiesPackages: true,
  },
  ours('firewall', 'Heddle firewall function'),
  ours('loadbalancer', 'Heddle load balancer function'),
  ours('custom', 'Heddle companion of custom functions'),
  ours('vpn', 'Heddle VPN gateway'),
];

/** The name under which an image is built into the engine's store; local clusters use another name. */
export function builtName(component: Component): string {
  return `localhost/heddle/${component}:packed`;
}
