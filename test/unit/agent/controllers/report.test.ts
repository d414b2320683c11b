// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from 'vitest';
import { Applied } from '../../../../agent/controllers/applied.ts';
import type { AgentContext } from '../../../../agent/controllers/context.ts';
import { Reporter } from '../../../../agent/controllers/report.ts';
import type { OverBudget } from '../../../../agent/observe/budgets.ts';
import type { NodeReportStatus } from '../../../../api/index.ts';
import { ApiError } from '../../../../kube/api-error.ts';
import { apiVersionOf, type Resource } from '../../../../kube/resource.ts';

vi.mock('../../../../agent/observe/counters.ts', () => ({ observeDrops: async () => ({}) }));

const over = vi.hoisted(() => ({ now: [] as OverBudget[] }));
vi.mock('../../../../agent/observe/budgets.ts', () => ({ observeOverBudget: async () => over.now }));

const CURRENT = 'internal.heddle.dev/v1alpha1';
const FORMER = 'heddle.dev/v1alpha1';
const startedAt = new Date('2026-01-01T00:00:00Z');

/** An API server that has reports of these groups, and what was written into them in order. */
function world(existing: readonly string[]) {
  const there = new Set(existing);
  const writes: { readonly group: string; readonly status: NodeReportStatus }[] = [];
  const writer = {
    applyStatus: async (resource: Resource, { status }: { status: NodeReportStatus }) => {
      const group = apiVersionOf(resource);
      if (!there.has(group)) throw new ApiError({ status: 404, reason: 'NotFound', message: 'not there' });
      writes.push({ group, status });
    },
    apply: async (resource: Resource) => there.add(apiVersionOf(resource)),
  };
  const applied = new Applied();
  const context = {
    writer,
    applied,
    local: { node: 'n1' },
    stores: { nodes: new Map() },
    health: { down: [], unreachable: [], failure: '' },
    maps: { vnis: [7] },
    kernel: {},
    dataPath: { mapsDir: '' },
  } as unknown as AgentContext;
  const options = { systemNamespace: 'heddle-system', agentVersion: '1', underlayMtu: () => 1500, startedAt };
  return { reporter: new Reporter(context, options), applied, writes, there };
}

test('a cluster that was never upgraded gets one report, ready since the agent started', async () => {
  const { reporter, writes, there } = world([]);
  await reporter.reconcile();
  await reporter.reconcile();
  expect(writes.map(({ group }) => group)).toEqual([CURRENT]);
  expect([...there]).toEqual([CURRENT]);
  expect(writes[0]?.status.conditions).toEqual([
    {
      type: 'Ready',
      status: 'True',
      reason: 'AgentRunning',
      message: expect.any(String),
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ]);
});

test('an operator of the release before reads on in the report that its agent made', async () => {
  const { reporter, applied, writes } = world([CURRENT, FORMER]);
  const slices = new Map([
    ['shop/new-0', { generation: 1, isFormer: false }],
    ['shop/old-0', { generation: 5, isFormer: true }],
  ]);
  applied.set('shop/net', { vni: 7, generation: 2, slices, hopNodes: new Set() });
  await reporter.reconcile();
  expect(writes).toMatchObject([
    { group: CURRENT, status: { networks: { 'shop/net': 2 }, slices: { 'shop/new-0': 1 } } },
    { group: FORMER, status: { networks: { 'shop/net': 2 }, slices: { 'shop/old-0': 5 } } },
  ]);
  expect(writes[0]?.status.slices).not.toHaveProperty('shop/old-0');
  await reporter.reconcile();
  expect(writes).toHaveLength(2);
});

test('a former report that somebody deleted is not made again', async () => {
  const { reporter, applied, writes, there } = world([CURRENT, FORMER]);
  await reporter.reconcile();
  there.delete(FORMER);
  applied.set('shop/net', { vni: 7, generation: 2, slices: new Map(), hopNodes: new Set() });
  await reporter.reconcile();
  expect([...there]).toEqual([CURRENT]);
  expect(writes.map(({ group }) => group)).toEqual([CURRENT, FORMER, CURRENT]);
});

test('a network whose flows spill is named while they do, with the senders', async () => {
  const { reporter, applied, writes } = world([CURRENT]);
  applied.set('shop/net', { vni: 7, generation: 2, slices: new Map(), hopNodes: new Set() });
  over.now = [
    { vni: 7, sender: undefined },
    { vni: 7, sender: '10.20.0.5' },
    { vni: 9, sender: undefined },
  ];
  await reporter.reconcile();
  over.now = [];
  await reporter.reconcile();
  const found = writes.map(({ status }) => status.conditions?.find(({ type }) => type === 'FlowsInBudget'));
  expect(found).toEqual([
    expect.objectContaining({
      status: 'False',
      reason: 'FlowsSpilled',
      message: expect.stringContaining('allows: VNI 9, shop/net (10.20.0.5).'),
    }),
    undefined,
  ]);
});
