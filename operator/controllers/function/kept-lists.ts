// SPDX-License-Identifier: Apache-2.0
import type { ListSource } from '../../../api/firewall-lists.ts';
import { annotations, labels } from '../../../api/index.ts';
import { joinKey, keyOf } from '../../../api/key.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { ConfigMap } from '../../../kube/wire.ts';
import { prune } from '../../apply/prune.ts';
import { compileKeptList, listsToKeep, versionOfList } from '../../compile/function/kept-lists.ts';
import { type FunctionObject, needsOf } from '../../compile/function/kinds.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';

/** Copies the lists that instances have read since the last copies, and deletes the copies of sets that are gone. */
export async function keepLists(options: {
  readonly stores: Pick<Stores, 'configMapVersions' | 'keptLists'>;
  readonly writer: Writer;
  readonly object: FunctionObject;
  /** Hash of the inputs as they are now. */
  readonly inputs: string;
  readonly reports: readonly InstanceReport[];
}): Promise<void> {
  const { stores, writer, object, inputs, reports } = options;
  const sources = needsOf(object).lists ?? [];
  const stored = stores.keptLists.byIndex('owner', keyOf(object)).filter((each) => isOwned(each, object));
  const sets = new Set(sources.map(({ set }) => set));
  const setOf = (each: (typeof stored)[number]) => each.metadata?.labels?.[labels.list] ?? '';
  const superfluous = stored.filter((each) => !sets.has(setOf(each)));
  if (superfluous.length > 0) {
    await prune({ writer, resource: resources.configMaps, stored: superfluous, wanted: new Set() });
  }
  const current = reports.filter(
    (report) => report.generation === object.metadata.generation && report.inputs === inputs,
  );
  const { namespace } = object.metadata;
  const wanted = listsToKeep({
    sources,
    read: new Set(current.flatMap(({ lists }) => lists ?? [])),
    versions: (name) => stores.configMapVersions.get(joinKey(namespace, name)),
    kept: new Map(stored.map((each) => [setOf(each), each.metadata?.annotations?.[annotations.listVersion]])),
  });
  for (const source of wanted) await keep(source, options);
}

async function keep(
  source: ListSource,
  { stores, writer, object }: Parameters<typeof keepLists>[0],
): Promise<void> {
  const { namespace } = object.metadata;
  const read = stores.configMapVersions.get(joinKey(namespace, source.configMap));
  const { configMap: name } = source;
  const list = await writer.read<ConfigMap>({ resource: resources.configMaps, namespace, name });
  // Only what an instance has read is kept. What came since then is kept when an instance has read it.
  if (!list || !read || versionOfList(source, list) !== versionOfList(source, read)) return;
  await writer.apply(resources.configMaps, compileKeptList(ownerOf(object), source, list));
}
