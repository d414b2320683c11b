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
  /** Slices of both groups. From the former group only those that the current group lacks. */
  readonly stored: readonly ChainSlice[];
  readonly former: FormerSlices;
}

/** The slices of the chain in the former group (api/former.ts). */
export interface FormerSlices {
  /** Whether agents of the previous release may run. They read only the former group. */
  readonly areRead: boolean;
  readonly stored: readonly ChainSlice[];
}

/**
 * Applies the slices of a chain and returns them as the API server has them. New slices are written first and
 * superfluous ones deleted last, so that no entry is missing in between. The former group is written before the
 * current one, so that agents of both releases have what the store shows.
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

// The schema of a slice has no defaults, so a stored slice is equal to the applied one.
function isSame(stored: ChainSlice, wanted: ChainSlice): boolean {
  return (
    stored.metadata.deletionTimestamp === undefined &&
    sameJson(stored.spec, wanted.spec) &&
    sameJson(stored.metadata.labels, wanted.metadata.labels) &&
    stored.metadata.ownerReferences?.[0]?.uid === wanted.metadata.ownerReferences?.[0]?.uid
  );
}
