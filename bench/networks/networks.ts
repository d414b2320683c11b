// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { compileBpf } from '../../tools/build/bpf.ts';
import { nodeFlagsOf } from '../flags.ts';
import { runInside, withNamespaces } from '../inside.ts';
import type { PartOptions, Section } from '../section.ts';
import { renderNetworks } from './report.ts';
import type { Outcome, Plan } from './scenario.ts';

const ROOT = join(import.meta.dirname, '../..');
const QUICK: Plan = { networks: 1000, attached: 50, changes: 10 };
const FULL: Plan = { networks: 10_000, attached: 200, changes: 50 };

/** Measures how one node handles thousands of networks: time to converge, time of a change, memory. */
export async function runNetworks(options: PartOptions): Promise<Section> {
  await compileBpf(ROOT, join(ROOT, 'dist'));
  return renderNetworks(await runPlan(options.quick ? QUICK : FULL, options.progress));
}

/** Runs a plan with one node, in namespaces that are removed afterwards. */
export function runPlan(plan: Plan, progress: (line: string) => void): Promise<Outcome> {
  const [netns, pod, fn] = ['node', 'pod', 'fn'].map((name) => `hdnets${process.pid}-${name}`) as [
    string,
    string,
    string,
  ];
  const script = join(import.meta.dirname, 'process.ts');
  return withNamespaces([netns, pod, fn], () =>
    runInside<Outcome>({
      script,
      netns,
      args: [JSON.stringify(plan), pod, fn],
      flags: nodeFlagsOf('agent'),
      progress,
    }),
  );
}
