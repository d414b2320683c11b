// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { compileBpf } from '../../tools/build/bpf.ts';
import { bundlePrograms } from '../../tools/build/bundle.ts';
import { runInside, withNamespaces } from '../inside.ts';
import type { PartOptions, Section } from '../section.ts';
import { renderControl } from './report.ts';
import type { Failure, Outcome, Scenario } from './scenario.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * Times changes from the request to the kernels of all nodes: a real API server, the operator as it is released, and
 * agents with their own watches, stores, renderers and BPF maps, in a network namespace that is removed afterwards.
 */
export async function runControl(options: PartOptions): Promise<Section> {
  await bundlePrograms(ROOT, join(ROOT, 'dist'));
  await compileBpf(ROOT, join(ROOT, 'dist'));
  const outcomes: Outcome[] = [];
  const failures: Failure[] = [];
  for (const scenario of options.quick ? QUICK : FULL) {
    try {
      outcomes.push(await runScenario(scenario, options.progress));
    } catch (error) {
      // A scenario that fails is a result too, and the other scenarios are still worth running.
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      options.progress(`${scenario.name}: ${reason}`);
      failures.push({ scenario, reason });
    }
  }
  return renderControl(outcomes, failures);
}

const QUICK: readonly Scenario[] = [
  { name: '100 Ports', nodes: 3, otherNetworks: 0, ports: 100, changes: 8 },
];

const FULL: readonly Scenario[] = [
  { name: '100 Ports', nodes: 10, otherNetworks: 9, ports: 100, changes: 50 },
  { name: '100 Ports beside 99 networks', nodes: 10, otherNetworks: 99, ports: 100, changes: 50 },
  { name: '100 Ports beside 999 networks', nodes: 10, otherNetworks: 999, ports: 100, changes: 50 },
  { name: '1,000 Ports', nodes: 10, otherNetworks: 9, ports: 1000, changes: 50 },
  { name: '10,000 Ports', nodes: 3, otherNetworks: 9, ports: 10_000, changes: 50 },
];

/** Runs one scenario in its own namespace, and removes everything afterwards. */
export function runScenario(scenario: Scenario, progress: (line: string) => void): Promise<Outcome> {
  const netns = `hdcontrol${process.pid}`;
  const script = join(import.meta.dirname, 'process.ts');
  return withNamespaces([netns], () =>
    runInside<Outcome>({ script, netns, args: [netns, JSON.stringify(scenario)], progress }),
  );
}
