// SPDX-License-Identifier: Apache-2.0
import { programs } from '../../api/names.ts';

/** What `npm run build` makes, as data: the Dockerfiles copy exactly these files out of `dist/`. */

export interface Bundle {
  readonly entry: string;
  readonly output: string;
  /** Whether users start it by its name. */
  readonly executable?: boolean;
}

export const bundles: readonly Bundle[] = [
  { entry: 'operator/main.ts', output: 'operator.mjs' },
  { entry: 'agent/main.ts', output: 'agent.mjs' },
  { entry: 'agent/kernel/child.ts', output: 'agent-kernel-child.mjs' },
  { entry: 'agent/nri/thread.ts', output: 'agent-nri-thread.mjs' },
  ...Object.values(programs).map((name) => ({ entry: `functions/${name}/main.ts`, output: `${name}.mjs` })),
  { entry: 'cli/main.ts', output: 'kubectl-heddle.mjs', executable: true },
];

export interface BpfObject {
  readonly source: string;
  /** Every file below it is an input: headers change the object too. */
  readonly folder: string;
  readonly output: string;
}

export const bpfObjects: readonly BpfObject[] = [
  { source: 'agent/bpf/heddle.bpf.c', folder: 'agent/bpf', output: 'heddle.bpf.o' },
];

/**
 * Packages that a bundle cannot hold: koffi finds its native module by a path beside its own package. Only
 * what Linux loads is copied, which is a third of it.
 */
export function externalPackages(arch: string): readonly { name: string; keep: RegExp }[] {
  return [
    { name: 'koffi', keep: /^(package\.json|index\.c?js|src\/koffi\/.*\.c?js)$/ },
    {
      name: `@koromix/koffi-linux-${arch}`,
      keep: new RegExp(`^(package\\.json|index\\.js|linux_${arch}/koffi\\.node)$`),
    },
  ];
}
