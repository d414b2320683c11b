// SPDX-License-Identifier: Apache-2.0
import { findCondition, type WithConditions } from '../../../tools/cluster/conditions.ts';
import { get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';

let priority = 2000;

/** Edits a chain, a change that all of its nodes must receive. */
export async function editChain(namespace: string): Promise<void> {
  priority += 1;
  const patch = JSON.stringify({ spec: { priority } });
  await kubectl(['patch', 'servicechain', 'chain', '--type=merge', '-p', patch], { namespace });
}

/** Waits until all nodes have reported the current chain; returns the milliseconds that it took. */
export async function untilProgrammed(namespace: string): Promise<number> {
  const started = performance.now();
  await eventually(
    'every node has the chain as it is now',
    async () => {
      const chain = await get<WithConditions>('servicechain', 'chain', namespace);
      const { generation } = chain.metadata;
      const programmed = findCondition(chain, 'Programmed');
      return programmed?.status === 'True' && programmed.observedGeneration === generation;
    },
    { timeoutMs: 60_000, intervalMs: 50 },
  );
  return performance.now() - started;
}
