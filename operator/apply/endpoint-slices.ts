// SPDX-License-Identifier: Apache-2.0
import { isAlreadyExists } from '../../kube/api-error.ts';
import type { Writer } from '../../kube/apply.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { resources } from '../../kube/resource.ts';
import type { EndpointSlice } from '../../kube/wire.ts';
import { prune } from './prune.ts';

export interface SliceWrites {
  /** The names of the slices that were written or deleted. */
  readonly written: readonly string[];
  /** Names that objects of others have, which are left alone. */
  readonly taken: readonly string[];
}

/**
 * Makes the EndpointSlices of one Service equal to those that are wanted, and writes only those that differ. A slice is
 * changed only as the version that was read, and created only if there is none of its name: server-side apply would
 * take over one of somebody else. Superfluous ones are deleted last, so that no endpoint is missing in between.
 */
export async function applyEndpointSlices(options: {
  readonly writer: Writer;
  readonly wanted: readonly EndpointSlice[];
  readonly stored: readonly EndpointSlice[];
}): Promise<SliceWrites> {
  const { writer, wanted, stored } = options;
  const byName = new Map(stored.map((slice) => [slice.metadata?.name ?? '', slice]));
  const written: string[] = [];
  const taken: string[] = [];
  for (const slice of wanted) {
    const name = slice.metadata?.name ?? '';
    const before = byName.get(name);
    if (before && isSame(before, slice)) continue;
    if (before) await change(writer, before, slice);
    else if (!(await create(writer, slice))) {
      taken.push(name);
      continue;
    }
    written.push(name);
  }
  const names = new Set(wanted.map(({ metadata }) => metadata?.name ?? ''));
  const superfluous = [...byName.keys()].filter((name) => !names.has(name));
  await prune({ writer, resource: resources.endpointSlices, stored, wanted: names });
  return { written: [...written, ...superfluous], taken };
}

/** False when somebody else has the name. If it is one of ours that the watch has not shown, the next pass sees it. */
async function create(writer: Writer, slice: EndpointSlice): Promise<boolean> {
  try {
    await writer.create(resources.endpointSlices, slice);
    return true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const { namespace, name = '' } = slice.metadata ?? {};
    const found = await writer.readMetadata({ resource: resources.endpointSlices, namespace, name });
    if (!found || hasLabels(found, slice)) throw error;
    return false;
  }
}

async function change(writer: Writer, before: EndpointSlice, slice: EndpointSlice): Promise<void> {
  const { namespace, name = '', uid, resourceVersion } = before.metadata ?? {};
  const { labels, ownerReferences } = slice.metadata ?? {};
  const patch = { metadata: { labels, ownerReferences }, endpoints: slice.endpoints, ports: slice.ports };
  const preconditions = { uid, resourceVersion };
  await writer.patch({ resource: resources.endpointSlices, namespace, name }, patch, { preconditions });
}

function isSame(stored: EndpointSlice, wanted: EndpointSlice): boolean {
  return (
    stored.metadata?.deletionTimestamp === undefined &&
    hasLabels(stored, wanted) &&
    sameJson(stored.metadata?.ownerReferences, wanted.metadata?.ownerReferences) &&
    sameJson(stored.endpoints ?? [], wanted.endpoints ?? []) &&
    sameJson(stored.ports ?? [], wanted.ports ?? [])
  );
}

function hasLabels({ metadata }: KubeObject, wanted: KubeObject): boolean {
  return Object.entries(wanted.metadata?.labels ?? {}).every(
    ([key, value]) => metadata?.labels?.[key] === value,
  );
}
