// SPDX-License-Identifier: Apache-2.0
import type { NodeReport, Port } from '../../../api/index.ts';
import { joinKey, type Key } from '../../../api/key.ts';
import { functionValue } from '../../../kube/index-values.ts';
import type { Node } from '../../../kube/slim.ts';
import { chainOfSlice } from '../../compile/chain/outside-slices.ts';
import type { Stores } from '../../observe/stores.ts';

// Finds the chains that need a reconcile pass when NodeReports or Nodes change. The cost depends on the size of the
// change: a report in which only counters changed concerns no chain.

type SliceStores = Pick<Stores, 'chainSlices' | 'formerChainSlices'>;
type Known = Pick<Stores, 'ports' | 'serviceChains' | 'nodeReports'>;

/** Chains with an instance or a node about which a report says something new. */
export function chainsOfReport(
  stores: Known,
  old: NodeReport | undefined,
  now: NodeReport | undefined,
): readonly Key[] {
  const { name } = (now ?? old)!.metadata;
  const instances = difference(old?.status?.down, now?.status?.down).flatMap((id) =>
    stores.ports.byIndex('instance', String(id)).filter(({ spec }) => spec.node === name),
  );
  const cutOff = difference(old?.status?.unreachable, now?.status?.unreachable);
  return [
    ...new Set([...chainsThrough(stores, instances), ...cutOff.flatMap((node) => chainsVia(stores, node))]),
  ];
}

/**
 * Chains with instances on nodes that some node reports as unreachable, when a node becomes Ready or not Ready: its
 * reports then count in another way.
 */
export function chainsOfNode(stores: Known, old: Node | undefined, now: Node | undefined): readonly Key[] {
  if (old?.status.ready === now?.status.ready) return [];
  const accused = [...stores.nodeReports.indexValues('unreachable')];
  return [...new Set(accused.flatMap((node) => chainsVia(stores, node)))];
}

/** Chains with a slice whose generation on a node changed. */
export function chainsOfSlices(
  stores: SliceStores,
  old: NodeReport | undefined,
  now: NodeReport | undefined,
): readonly Key[] {
  const before = old?.status?.slices ?? {};
  const after = now?.status?.slices ?? {};
  const changed = new Set<string>();
  for (const slice in before) if (before[slice] !== after[slice]) changed.add(slice);
  for (const slice in after) if (before[slice] !== after[slice]) changed.add(slice);
  return [...new Set([...changed].map((slice) => chainNamedBy(stores, slice)))];
}

/** The chain of a slice; of one that is gone, as far as its name says. */
function chainNamedBy(stores: SliceStores, key: Key): Key {
  const slice = stores.chainSlices.get(key) ?? stores.formerChainSlices.get(key);
  return slice ? joinKey(slice.metadata.namespace, chainOfSlice(slice)) : key.replace(/-\d+(-outside)?$/, '');
}

function chainsVia(stores: Known, node: string): readonly Key[] {
  return chainsThrough(stores, stores.ports.byIndex('host', node));
}

function chainsThrough(stores: Known, ports: readonly Port[]): readonly Key[] {
  const functions = ports.flatMap(({ metadata, spec }) =>
    spec.function ? [functionValue(metadata.namespace, spec.function)] : [],
  );
  return [...new Set(functions)].flatMap((fn) => stores.serviceChains.keysByIndex('function', fn));
}

/** The elements that only one of the two lists has. */
function difference<T>(before: readonly T[] = [], after: readonly T[] = []): T[] {
  if (before.length === 0 && after.length === 0) return [];
  const [had, has] = [new Set(before), new Set(after)];
  return [...before.filter((each) => !has.has(each)), ...after.filter((each) => !had.has(each))];
}
