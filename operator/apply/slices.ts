// SPDX-License-Identifier: Apache-2.0
import { isFormer } from '../../api/former.ts';
import { apiVersion, type ChainSlice } from '../../api/index.ts';
import type { Writer } from '../../kube/apply.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import { prune } from './prune.ts';

export interface SlicesOptions {
  readonly writer: Writer;
  readonly wanted: readonly ChainSlice[];
  /** Of both groups; of the former one only what the current one lacks. */
  readonly stored: readonly ChainSlice[];
  readonly former: FormerSlices;
}

/** The slices of the chain in the former group (api/former.ts). */
export interface FormerSlices {
  /** Whether agents of the release before may run: they read no others. */
  readonly areRead: boolean;
  readonly stored: readonly ChainSlice[];
}

/**
 * Makes the slices of a chain be those that are wanted, and answers with them as the server has them. What is
 * new comes first and what is superfluous goes last, so that no entry is missing in between. The former group is written
 * before the current one: what the store shows, every agent has been told.
 */
export async function applySlices({ writer, wanted, stored, former }: SlicesOptions): Promise<ChainSlice[]> {
  await makeEqual({
    writer,
    resource: resources.formerChainSlices,
    wanted: former.areRead ? wanted.map((slice) => ({ ...slice, apiVersion })) : [],
    stored: former.stored,
  });
  return makeEqual({
    writer,
    resource: resources.chainSlices,
    wanted,
    stored: stored.filter((slice) => !isFormer(slice)),
  });
}

async function makeEqual(options: {
  readonly writer: Writer;
  readonly resource: Resource;
  readonly wanted: readonly ChainSlice[];
  readonly stored: readonly ChainSlice[];
}): Promise<ChainSlice[]> {
  const { writer, resource, wanted, stored } = options;
  const byName = new Map(stored.map((slice) => [slice.metadata.name, slice]));
  const done: ChainSlice[] = [];
  for (const slice of [...wanted].sort((a, b) => b.spec.slice - a.spec.slice)) {
    const before = byName.get(slice.metadata.name);
    done.push(before && isSame(before, slice) ? before : await writer.apply(resource, slice));
  }
  await prune({ writer, resource, stored, wanted: new Set(wanted.map(({ metadata }) => metadata.name)) });
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
