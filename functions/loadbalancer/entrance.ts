// SPDX-License-Identifier: Apache-2.0
import { encodeMark } from '../../api/context/context.ts';
import type { ChainPort } from '../../api/index.ts';
import type { Family } from '../../api/net/address.ts';
import { parseRange } from '../../api/net/range.ts';
import type { OutsideEntry } from '../../api/selected-pods.ts';
import { hex } from '../shared/nft/context.ts';
import type { ListenerPicture, Picture } from './picture.ts';

/**
 * The rules for a packet of a client outside to a listener: the first entry that takes the client says which context the
 * packet gets. The entries are in the order of their chains' precedence, as the operator has sorted them.
 */
export function entranceRules(picture: Picture, family: Family): readonly string[] {
  const entries = (picture.outside?.entries ?? []).filter(({ addresses }) =>
    addresses.includes(picture.addresses[family]!),
  );
  return [...entries.flatMap((entry) => entranceRule(entry, { picture, family })), 'drop'];
}

function entranceRule(
  { from, ports, enter }: OutsideEntry,
  { picture, family }: { readonly picture: Picture; readonly family: Family },
): readonly string[] {
  const sources = from?.filter((range) => parseRange(range).family === family);
  const listeners = picture.listeners.filter((listener) => takes(ports, listener));
  if (sources?.length === 0 || listeners.length === 0) return [];
  const keys = listeners.map(({ protocol, port }) => `${protocol} . ${port}`);
  const conditions = [
    ...(sources ? [`${family === 4 ? 'ip' : 'ip6'} saddr { ${sources.join(', ')} }`] : []),
    ...(listeners.length < picture.listeners.length
      ? [`meta l4proto . th dport { ${keys.join(', ')} }`]
      : []),
  ];
  const mark = enter && hex(encodeMark({ path: enter.pathId, position: enter.position }));
  return [[...conditions, mark === undefined ? 'drop' : `meta mark set ${mark} return`].join(' ')];
}

function takes(ports: readonly ChainPort[] | undefined, listener: ListenerPicture): boolean {
  return (
    ports?.some(({ protocol, port, endPort }) => {
      if (protocol.toLowerCase() !== listener.protocol) return false;
      return port === undefined || (port <= listener.port && listener.port <= (endPort ?? port));
    }) ?? true
  );
}
