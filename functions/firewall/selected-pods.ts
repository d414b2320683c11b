// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { type AddressRange, formatRange, parseRange } from '../../api/net/range.ts';
import type { SelectedPods } from '../../api/selected-pods.ts';
import { type PodsSelected, selectorKey } from '../../api/selector-key.ts';

/** An address of a selected pod, and the path of the chain on which it counts. */
export interface PodAddress {
  readonly pathId: number;
  readonly range: AddressRange;
}

/** The pods that the operator has resolved, by the canonical key of their selector. */
export type PodsBySelector = ReadonlyMap<string, readonly PodAddress[]>;

/** Parses the file `peers.json` that the operator writes; see docs/architecture.md. */
export function parseSelectedPods(text: string): PodsBySelector {
  const file = JSON.parse(text) as Partial<SelectedPods>;
  return new Map(
    Object.entries(file.selectors ?? {}).map(([key, paths]) => [
      selectorKey(JSON.parse(key) as PodsSelected),
      paths.flatMap(({ pathId, addresses }) =>
        addresses.map((address) => ({ pathId, range: parseRange(address) })),
      ),
    ]),
  );
}

/** The elements of a selector's set, for one family: `path . address`. */
export function podElements(pods: readonly PodAddress[], family: Family): ReadonlyMap<string, string> {
  return new Map(
    pods
      .filter(({ range }) => range.family === family)
      .map(({ pathId, range }) => [`${pathId} . ${formatRange(range)}`, '']),
  );
}
