// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { type AddressRange, formatRange, parseRange } from '../../api/net/range.ts';
import type { SelectedPods } from '../../api/selected-pods.ts';
import { type PodsSelected, selectorKey } from '../../api/selector-key.ts';

/** The pods of one selector: addresses by the path of the chain on which they are meant. */
export interface PodAddress {
  readonly pathId: number;
  readonly range: AddressRange;
}

/** What the operator resolved, by the canonical key of the selector. */
export type PodsBySelector = ReadonlyMap<string, readonly PodAddress[]>;

/** The file `peers.json` that the operator writes; see docs/architecture.md. */
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

/** The elements of a selector's set of one family: `path . address`. */
export function podElements(pods: readonly PodAddress[], family: Family): ReadonlyMap<string, string> {
  return new Map(
    pods
      .filter(({ range }) => range.family === family)
      .map(({ pathId, range }) => [`${pathId} . ${formatRange(range)}`, '']),
  );
}
