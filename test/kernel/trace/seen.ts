// SPDX-License-Identifier: Apache-2.0
import { MARK_REPLY } from '../../../api/context/generated/context.ts';
import { hex, IS_CHAINS } from '../../../functions/shared/nft/context.ts';
import type { World } from '../world/world.ts';

/** The direction, as a part of a tuple. */
const DIRECTION = `meta mark & ${hex(MARK_REPLY)}`;

/** Records every tuple that a function's namespace forwards, with its direction; probes are not counted. */
export const WATCH = `
table inet seen {
  set v4 { typeof meta mark . ip saddr . th sport . ip daddr . th dport; size 65535; flags dynamic; }
  set v6 { typeof meta mark . ip6 saddr . th sport . ip6 daddr . th dport; size 65535; flags dynamic; }
  chain forward {
    type filter hook forward priority 0;
    ${IS_CHAINS} meta l4proto { tcp, udp } ip version 4 add @v4 { ${DIRECTION} . ip saddr . th sport . ip daddr . th dport }
    ${IS_CHAINS} meta l4proto { tcp, udp } ip6 version 6 add @v6 { ${DIRECTION} . ip6 saddr . th sport . ip6 daddr . th dport }
  }
}`;

interface Listing {
  readonly nftables: readonly { readonly set?: { readonly elem?: readonly Element[] } }[];
}
type Element = Tuple | { readonly elem: { readonly val: Tuple } };
interface Tuple {
  readonly concat: readonly (string | number)[];
}

/** The tuples that an instance has forwarded since the last call: `forward 10.20.0.1 20000 10.20.0.3 7`. */
export async function takeSeen(world: World, instance: string): Promise<readonly string[]> {
  const listing = JSON.parse(
    await world.exec(instance, ['nft', '-j', 'list', 'table', 'inet', 'seen']),
  ) as Listing;
  await world.exec(instance, ['nft', 'flush set inet seen v4; flush set inet seen v6']);
  return listing.nftables
    .flatMap(({ set }) => set?.elem ?? [])
    .map((element) => ('elem' in element ? element.elem.val : element).concat)
    .map(([mark, ...ends]) => `${Number(mark) === 0 ? 'forward' : 'reply'} ${ends.join(' ')}`);
}
