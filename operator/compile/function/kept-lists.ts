// SPDX-License-Identifier: Apache-2.0
import type { ListSource } from '../../../api/firewall-lists.ts';
import { keptListNameOf } from '../../../api/function-names.ts';
import { annotations, labels } from '../../../api/index.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import type { Desired, Owner } from '../workload/types.ts';

// A list may become unreadable at any time. Instances then use what it last held, those that start later too. So the
// operator keeps a copy of each list that an instance has read, in a ConfigMap of the firewall's, until there is a newer
// one. It does not read the list itself: it copies it as it is, and a copy fits wherever the list did.

/** The metadata of a ConfigMap that tell its version. */
interface Versioned {
  readonly metadata?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

type Entries = Readonly<Record<string, string>>;

/** What a ConfigMap holds. */
interface Held {
  readonly data?: Entries | undefined;
  readonly binaryData?: Entries | undefined;
}

/** The version of a list: which ConfigMap, which key of it, and when. */
export function versionOfList({ configMap, key = '' }: ListSource, { metadata }: Versioned): string {
  return [configMap, key, metadata?.uid, metadata?.resourceVersion].join(' ');
}

/** The lists that instances have read and of which there is no copy yet. Pure. */
export function listsToKeep(options: {
  readonly sources: readonly ListSource[];
  /** The sets that instances have read from these versions of their ConfigMaps. */
  readonly read: ReadonlySet<string>;
  readonly versions: (configMap: string) => Versioned | undefined;
  /** The version of which there is a copy, by set. */
  readonly kept: ReadonlyMap<string, string | undefined>;
}): readonly ListSource[] {
  const { sources, read, versions, kept } = options;
  return sources.filter((source) => {
    const now = versions(source.configMap);
    return read.has(source.set) && now && kept.get(source.set) !== versionOfList(source, now);
  });
}

/** A copy of the keys of a list. */
export function compileKeptList(owner: Owner, source: ListSource, list: Versioned & Held): Desired & Held {
  const metadata = ownedMetadata(owner, keptListNameOf(owner.name, source.set));
  const { data, binaryData } = list;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [labels.list]: source.set },
      annotations: { [annotations.listVersion]: versionOfList(source, list) },
    },
    ...(data && { data: pickKey(data, source.key) }),
    ...(binaryData && { binaryData: pickKey(binaryData, source.key) }),
  };
}

function pickKey(entries: Entries, wanted: string | undefined): Entries {
  return Object.fromEntries(
    Object.entries(entries).filter(([key]) => wanted === undefined || key === wanted),
  );
}
