// SPDX-License-Identifier: Apache-2.0
import { LARGEST_ID } from '../../../api/context/context.ts';
import type { ServiceChain } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { allocatePathId, keepsPathId, type PathClaim } from '../../compile/chain/path-id.ts';
import type { Stores } from '../../observe/stores.ts';

type Seen = Pick<Stores, 'serviceChains'>;

/** The fields of a chain's status that have path ids. */
export const PATH_IDS = ['pathId', 'outsidePathId'] as const;
export type PathIdField = (typeof PATH_IDS)[number];

/** The path ids of chains. An id belongs to a chain once its status has it. */
export class PathIds {
  readonly #stores: Seen;
  readonly #random: () => number;
  /** Ids that this process has allocated and that the store does not show yet, by chain and field. */
  readonly #given: Readonly<Record<PathIdField, Map<Key, number>>> = {
    pathId: new Map(),
    outsidePathId: new Map(),
  };

  constructor(stores: Seen, random: () => number) {
    this.#stores = stores;
    this.#random = random;
  }

  /** The id that a chain has, or a free one; undefined when all are in use. */
  take(key: Key, chain: ServiceChain, field: PathIdField): number | undefined {
    const given = this.#given[field];
    const held = chain.status?.[field];
    if (held !== undefined && keepsPathId(claimOf(chain), rivalsFor(this.#stores, chain, held))) {
      given.delete(key);
      return held;
    }
    const waiting = given.get(key);
    if (waiting !== undefined && waiting !== held) return waiting;
    const id = allocatePathId({
      isTaken: (candidate) => this.#isTaken(candidate),
      start: 1 + Math.floor(this.#random() * LARGEST_ID),
    });
    if (id === undefined) given.delete(key);
    else given.set(key, id);
    return id;
  }

  forget(key: Key, fields: readonly PathIdField[] = PATH_IDS): void {
    for (const field of fields) this.#given[field].delete(key);
  }

  #isTaken(id: number): boolean {
    return (
      PATH_IDS.some((field) => [...this.#given[field].values()].includes(id)) ||
      this.#stores.serviceChains.countByIndex('pathId', String(id)) > 0
    );
  }
}

/** Other chains that claim a path id. */
function rivalsFor(stores: Seen, chain: ServiceChain, id: number): readonly PathClaim[] {
  const key = keyOf(chain);
  return stores.serviceChains
    .byIndex('pathId', String(id))
    .map(claimOf)
    .filter((claim) => claim.key !== key);
}

function claimOf(chain: ServiceChain): PathClaim {
  return { key: keyOf(chain), createdAt: chain.metadata.creationTimestamp ?? '' };
}
