// SPDX-License-Identifier: Apache-2.0
import { selectedPodsNameOf } from '../../../api/function-names.ts';
import { type BackendPod, type SelectedPods, selectedPodsEntry } from '../../../api/selected-pods.ts';
import { type PodsSelected, selectorKey } from '../../../api/selector-key.ts';
import { type Member, selectsMember } from '../chain/classifier.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import type { Desired, Owner } from '../workload/types.ts';
import type { Shares } from './source-ports.ts';

/**
 * Most bytes of the selected pods. The API server accepts 1 MiB of data in a ConfigMap; the remainder is for
 * metadata.
 */
const MOST_BYTES = 1_000_000;

/** A path that the function is on, and the pods of its network. */
export interface PathFacts {
  readonly pathId: number;
  readonly vni: number;
  /** Which of the path's hops the function is, from 0. */
  readonly position: number;
  readonly members: readonly Member[];
}

export interface SelectedPodsConfigMap extends Desired {
  readonly data: { readonly [selectedPodsEntry]: string };
}

export type SelectedPodsMap =
  | { readonly kind: 'None' }
  | { readonly kind: 'ConfigMap'; readonly object: SelectedPodsConfigMap }
  | { readonly kind: 'TooLarge'; readonly bytes: number };

/**
 * The addresses of the pods that a function's spec selects, by selector and path. By path, because the same selector
 * selects other pods on the network of another chain.
 */
export function compileSelectedPods(options: {
  readonly owner: Owner;
  readonly selectors: readonly PodsSelected[];
  readonly paths: readonly PathFacts[];
  /** Backends of the function; undefined when its kind has none. `pods` is undefined when the spec lists addresses. */
  readonly backends?:
    | ({
        readonly pods: readonly BackendPod[] | undefined;
        readonly unknown?: readonly string[] | undefined;
      } & Pick<SelectedPods, 'checks' | 'outside'>)
    | undefined;
  readonly sourcePorts?: Shares | undefined;
}): SelectedPodsMap {
  const { owner, selectors, backends, sourcePorts } = options;
  if (selectors.length === 0 && !backends) return { kind: 'None' };
  const paths = [...options.paths].sort((a, b) => a.pathId - b.pathId);
  const byKey = new Map(selectors.map((selector) => [selectorKey(selector), selector]));
  const resolved = [...byKey.keys()].sort().map((key) => {
    const selector = byKey.get(key)!;
    return [key, paths.map((path) => addressesOn(path, selector, owner.namespace))] as const;
  });
  const file: SelectedPods = {
    paths: paths.map(({ pathId, vni, position }) => ({ pathId, vni, ...(backends && { position }) })),
    selectors: Object.fromEntries(resolved),
    ...(backends?.pods && { backends: backends.pods }),
    ...(backends?.unknown?.length && { unknown: backends.unknown }),
    ...(sourcePorts && { sourcePorts: Object.fromEntries(sourcePorts) }),
    ...(backends?.checks && { checks: backends.checks }),
    ...(backends?.outside && { outside: backends.outside }),
  };
  const text = JSON.stringify(file);
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) return { kind: 'TooLarge', bytes };
  return {
    kind: 'ConfigMap',
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: ownedMetadata(owner, selectedPodsNameOf(owner.kind, owner.name)),
      data: { [selectedPodsEntry]: text },
    },
  };
}

function addressesOn(path: PathFacts, selector: PodsSelected, namespace: string) {
  const selected = path.members.filter((member) => selectsMember(selector, member, namespace));
  const addresses = selected.flatMap((member) => [...member.addresses, ...member.prefixes]).sort();
  return { pathId: path.pathId, addresses };
}
