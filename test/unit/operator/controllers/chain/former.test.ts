// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ChainSlice, NodeReport } from '../../../../../api/index.ts';
import { observeFormerSlices, observeReported } from '../../../../../operator/controllers/chain/former.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';

const CURRENT = 'internal.heddle.dev/v1alpha1';
const FORMER = 'heddle.dev/v1alpha1';
type Group = typeof CURRENT | typeof FORMER;

function slice(apiVersion: Group, generation: number, priority = 100): ChainSlice {
  return {
    apiVersion,
    kind: 'ChainSlice',
    metadata: { namespace: 'shop', name: 'it-0', uid: apiVersion, resourceVersion: '1', generation },
    spec: {
      chain: 'it',
      network: { namespace: 'shop', name: 'net' },
      slice: 0,
      priority,
    } as unknown as ChainSlice['spec'],
  };
}

function report(apiVersion: Group, slices: Readonly<Record<string, number>>): NodeReport {
  const metadata = { namespace: 'heddle-system', name: 'n1', uid: apiVersion, resourceVersion: '1' };
  return { apiVersion, kind: 'NodeReport', metadata, status: { slices } };
}

const now = slice(CURRENT, 1);

test('the former group is written while a report of it is there, which only its agents make', () => {
  const stores = createStores();
  expect(observeFormerSlices(stores, 'shop/it')).toEqual({ areRead: false, stored: [] });
  stores.formerChainSlices.set(slice(FORMER, 5));
  stores.formerNodeReports.set(report(FORMER, {}));
  expect(observeFormerSlices(stores, 'shop/it')).toMatchObject({
    areRead: true,
    stored: [{ metadata: { name: 'it-0' } }],
  });
  expect(observeFormerSlices(stores, 'shop/other').stored).toEqual([]);
});

test('a node that has not reported has nothing; one of this release reports what it has', () => {
  const stores = createStores();
  expect(observeReported(stores, 'n1', [now])).toBeUndefined();
  stores.nodeReports.set(report(CURRENT, { 'shop/it-0': 1 }));
  expect(observeReported(stores, 'n1', [now])).toEqual({ 'shop/it-0': 1 });
});

test.for([
  ['the former slice as it is now counts as the current one', 5, 100, { 'shop/it-0': 1 }],
  ['a former slice that has changed since does not count', 4, 100, {}],
  ['a former slice that says something else than the current one does not count', 5, 200, {}],
] as const)('of an agent of the release before, %s', ([_, reported, priority, expected]) => {
  const stores = createStores();
  stores.formerChainSlices.set(slice(FORMER, 5, priority));
  stores.nodeReports.set(report(FORMER, { 'shop/it-0': reported }));
  expect(observeReported(stores, 'n1', [now])).toEqual(expected);
});
