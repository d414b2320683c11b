// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import type { Component } from './catalogue.ts';

export interface ImageSet {
  readonly registry: string;
  readonly tag: string;
  readonly digests: Readonly<Record<Component, string>>;
}

/** Pure: values of the chart that name exactly these images. */
export function renderValues({ registry, tag, digests }: ImageSet): string {
  const image = (component: Component) => ({ image: { digest: digests[component] } });
  const values = {
    image: { registry, tag },
    operator: image('operator'),
    agent: image('agent'),
    functions: {
      firewall: image('firewall'),
      loadbalancer: image('loadbalancer'),
      custom: image('custom'),
      vpn: image('vpn'),
    },
  };
  return `# Written by \`npm run images\`: helm install heddle charts/heddle --values values-images.yaml\n${dump(values)}`;
}
