import type { Family } from '../../api/net/address.ts';
import { type AddressRange, formatRange, parseRange } from '../../api/net/range.ts';
import { type PodsSelected, selectorKey } from '../../api/selector-key.ts';

/** The pods of one selector: addresses by the path of the chain on which they are meant. */
export interface PeerAddress {
  readonly pathId: number;
  readonly range: AddressRange;
}

/** What the operator resolved, by the canonical key of the selector. */
export type Peers = ReadonlyMap<string, readonly PeerAddress[]>;

interface PeersFile {
  readonly selectors?: Readonly<
    Record<string, readonly { readonly pathId: number; readonly addresses: readonly string[] }[]>
  >;
}

/** The file `peers.json` that the operator writes; see docs/architecture.md. */
export function parsePeers(text: string): Peers {
  const file = JSON.parse(text) as PeersFile;
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
export function peerElements(peers: readonly PeerAddress[], family: Family): ReadonlyMap<string, string> {
  return new Map(
    peers
      .filter(({ range }) => range.family === family)
      .map(({ pathId, range }) => [`${pathId} . ${formatRange(range)}`, '']),
  );
}
