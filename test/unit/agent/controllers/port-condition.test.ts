// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { type PortState, renderReady, reportPort } from '../../../../agent/controllers/port-condition.ts';
import type { Port } from '../../../../api/index.ts';
import { REASONS } from '../../../../api/reasons.ts';
import type { Writer } from '../../../../kube/apply.ts';
import { createLogger } from '../../../../kube/base/log.ts';

const accepted = {
  type: 'Accepted',
  status: 'True',
  reason: 'ClaimHolds',
  message: 'the claim holds',
  observedGeneration: 3,
  lastTransitionTime: '2026-01-01T00:00:00Z',
} as const;
const now = new Date('2026-02-02T02:02:02.5Z');

function portWith(conditions: NonNullable<Port['status']>['conditions']): Port {
  const metadata = { namespace: 'shop', name: 'web-net1', uid: 'u', generation: 3 };
  return { metadata, status: { conditions } } as unknown as Port;
}

/** What is written to the API server when the agent reports a Port. */
async function written(port: Port, state: PortState): Promise<readonly unknown[]> {
  const calls: unknown[] = [];
  const writer = { applyStatus: async (_: unknown, object: unknown) => calls.push(object) };
  const log = createLogger({ name: 'test', level: 'silent' });
  await reportPort({ writer: writer as unknown as Writer, log }, port, state);
  return calls;
}

test.for(['Attached', 'Detached'] as const)('%s is a reason of the registry', (state) => {
  const [ready] = renderReady(portWith([accepted]), state, now);
  expect(ready).toMatchObject({
    type: 'Ready',
    observedGeneration: 3,
    lastTransitionTime: '2026-02-02T02:02:02Z',
  });
  const row = REASONS.find(({ kind, on, reason }) => kind === 'Port' && on === 'Ready' && reason === state);
  expect(row?.status).toBe(ready?.status);
});

test('the agent writes its own condition of a Port and leaves the operator’s out', async () => {
  expect(await written(portWith([accepted]), 'Attached')).toMatchObject([
    { metadata: { uid: 'u' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  ]);
});

test('what a Port says already is not written again; a new generation or state is', async () => {
  const attached = portWith([accepted, ...renderReady(portWith([accepted]), 'Attached', now)]);
  expect(await written(attached, 'Attached')).toEqual([]);
  expect(await written(attached, 'Detached')).toHaveLength(1);
  const edited = { ...attached, metadata: { ...attached.metadata, generation: 4 } };
  const [ready] = renderReady(edited, 'Attached', new Date());
  expect(ready).toMatchObject({ observedGeneration: 4, lastTransitionTime: '2026-02-02T02:02:02Z' });
  expect(await written(edited, 'Attached')).toHaveLength(1);
});
