// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { ChainSlice } from '../../../../api/index.ts';
import type { Writer } from '../../../../kube/apply.ts';
import { apiVersionOf, type ObjectRef, type Resource } from '../../../../kube/resource.ts';
import { applySlices } from '../../../../operator/apply/slices.ts';

const CURRENT = 'internal.heddle.dev/v1alpha1';
const FORMER = 'heddle.dev/v1alpha1';

function slice(index: number, apiVersion: typeof CURRENT | typeof FORMER, priority = 100): ChainSlice {
  return {
    apiVersion,
    kind: 'ChainSlice',
    metadata: { namespace: 'shop', name: `it-${index}`, uid: `${apiVersion}-${index}`, generation: 1 },
    spec: { chain: 'it', slice: index, slices: 2, priority } as ChainSlice['spec'],
  };
}

/** A writer that only remembers, in order: `set` or `delete`, group and name. */
function recorder() {
  const calls: string[] = [];
  const writer = {
    apply: async (resource: Resource, object: ChainSlice) => {
      expect(object.apiVersion).toBe(apiVersionOf(resource));
      calls.push(`set ${apiVersionOf(resource)} ${object.metadata.name}`);
      return { ...object, metadata: { ...object.metadata, generation: 7 } };
    },
    delete: async ({ resource, name }: ObjectRef) => {
      calls.push(`delete ${apiVersionOf(resource)} ${name}`);
    },
  };
  return { calls, writer: writer as unknown as Writer };
}

const wanted = [slice(0, CURRENT), slice(1, CURRENT)];
const formerOnes = [slice(0, FORMER), slice(1, FORMER)];

test('a cluster that was never upgraded gets no object of the former group', async () => {
  const { writer, calls } = recorder();
  const former = { areRead: false, stored: [] };
  const done = await applySlices({ writer, wanted, stored: [], former });
  expect(calls).toEqual([`set ${CURRENT} it-1`, `set ${CURRENT} it-0`]);
  expect(done.map(({ metadata }) => metadata.generation)).toEqual([7, 7]);
});

test('the first pass after an upgrade writes the current group and leaves the former one alone', async () => {
  const { writer, calls } = recorder();
  const former = { areRead: true, stored: formerOnes };
  // The store shows the former ones in place of those that are missing.
  await applySlices({ writer, wanted, stored: formerOnes, former });
  expect(calls).toEqual([`set ${CURRENT} it-1`, `set ${CURRENT} it-0`]);
});

test('while agents of the release before may run, a change is written for them first', async () => {
  const { writer, calls } = recorder();
  const changed = [slice(0, CURRENT, 200), slice(1, CURRENT)];
  const former = { areRead: true, stored: formerOnes };
  await applySlices({ writer, wanted: changed, stored: wanted, former });
  expect(calls).toEqual([`set ${FORMER} it-0`, `set ${CURRENT} it-0`]);
});

test('what goes, goes in the former group first, so that nothing stands in for it', async () => {
  const { writer, calls } = recorder();
  const former = { areRead: true, stored: formerOnes };
  await applySlices({ writer, wanted: [slice(0, CURRENT)], stored: wanted, former });
  expect(calls).toEqual([`delete ${FORMER} it-1`, `delete ${CURRENT} it-1`]);
});

test('when nobody reads the former group any more, its objects go and no other', async () => {
  const { writer, calls } = recorder();
  const former = { areRead: false, stored: formerOnes };
  await applySlices({ writer, wanted, stored: wanted, former });
  expect(calls).toEqual([`delete ${FORMER} it-0`, `delete ${FORMER} it-1`]);
});
