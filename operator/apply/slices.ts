import type { ChainSlice } from '../../api/index.ts';
import type { Writer } from '../../kube/apply.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { resources } from '../../kube/resource.ts';
import { prune } from './prune.ts';

/**
 * Makes the slices of a chain be those that are wanted, and answers with them as the server has them. What is
 * new comes first and what is superfluous goes last, so that no entry is missing in between.
 */
export async function applySlices(options: {
  readonly writer: Writer;
  readonly wanted: readonly ChainSlice[];
  readonly stored: readonly ChainSlice[];
}): Promise<ChainSlice[]> {
  const { writer, wanted, stored } = options;
  const byName = new Map(stored.map((slice) => [slice.metadata.name, slice]));
  const done: ChainSlice[] = [];
  for (const slice of [...wanted].sort((a, b) => b.spec.slice - a.spec.slice)) {
    const before = byName.get(slice.metadata.name);
    done.push(before && isSame(before, slice) ? before : await writer.apply(resources.chainSlices, slice));
  }
  const names = new Set(wanted.map((slice) => slice.metadata.name));
  await prune({ writer, resource: resources.chainSlices, stored, wanted: names });
  return done;
}

// The schema of a slice has no defaults: what is stored is what was applied.
function isSame(stored: ChainSlice, wanted: ChainSlice): boolean {
  return (
    stored.metadata.deletionTimestamp === undefined &&
    sameJson(stored.spec, wanted.spec) &&
    sameJson(stored.metadata.labels, wanted.metadata.labels) &&
    stored.metadata.ownerReferences?.[0]?.uid === wanted.metadata.ownerReferences?.[0]?.uid
  );
}
