// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { Chain, NamedSet } from '../shared/nft/ruleset.ts';
import type { ListenerPicture, Picture } from './picture.ts';

/**
 * The chains of listeners for the first packet of a flow: forward, and for replies of a flow that the instance does not
 * know.
 */
export function listenerChains(picture: Picture, family: Family): readonly [string, Chain][] {
  const own = picture.addresses[family]!;
  const ip = family === 4 ? 'ip' : 'ip6';
  const at = family === 4 ? own : `[${own}]`;
  return picture.listeners.flatMap(({ name, protocol, port, targetPort }): [string, Chain][] => {
    const chosen = `meta priority map @backends-v${family}`;
    const chains: [string, Chain][] = [
      [
        `listener-${name}-v${family}`,
        {
          rules: [
            `counter name "listener-${name}" jump choose-v${family}`,
            `meta l4proto ${protocol} dnat ${ip} to ${chosen} : ${targetPort}`,
          ],
        },
      ],
      [`answer-${name}-v${family}`, { rules: [`meta l4proto ${protocol} snat ${ip} to ${at}:${port}`] }],
    ];
    if (protocol === 'udp') return chains;
    return [
      ...chains,
      [
        `stray-${name}-v${family}`,
        {
          rules: [`jump choose-v${family}`, `${ip} daddr set ${chosen} tcp dport set ${targetPort}`],
        },
      ],
      [`stray-answer-${name}-v${family}`, { rules: [`${ip} saddr set ${own} tcp sport set ${port}`] }],
    ];
  });
}

/**
 * Maps that find the listener of a packet by its destination, and the listener of a reply by its source. If several
 * listeners have the target port of a reply whose flow the instance does not know, the reply is dropped until the client
 * sends a packet, which shows the listener; the backend sends the reply again.
 */
export function listenerMaps(picture: Picture, family: Family): readonly [string, NamedSet][] {
  const own = picture.addresses[family]!;
  const { listeners } = picture;
  const tcp = listeners.filter(({ protocol }) => protocol === 'tcp');
  const verdicts = (
    among: readonly ListenerPicture[],
    keyOf: (listener: ListenerPicture) => string | number,
    prefix: string,
  ) =>
    new Map(
      [...Map.groupBy(among, (each) => String(keyOf(each)))].map(([key, [first, ...others]]) => [
        key,
        others.length > 0 ? 'drop' : `goto ${prefix}-${first!.name}-v${family}`,
      ]),
    );
  return [
    [
      `listeners-v${family}`,
      {
        kind: 'map',
        declaration: [`type ipv${family}_addr . inet_proto . inet_service : verdict`],
        elements: verdicts(listeners, ({ protocol, port }) => `${own} . ${protocol} . ${port}`, 'listener'),
      },
    ],
    [
      `answers-v${family}`,
      {
        kind: 'map',
        declaration: ['type inet_proto . inet_service : verdict'],
        elements: verdicts(listeners, ({ protocol, targetPort }) => `${protocol} . ${targetPort}`, 'answer'),
      },
    ],
    [
      `strays-v${family}`,
      {
        kind: 'map',
        declaration: ['type inet_service : verdict'],
        elements: verdicts(tcp, ({ port }) => port, 'stray'),
      },
    ],
    [
      `stray-answers-v${family}`,
      {
        kind: 'map',
        declaration: ['type inet_service : verdict'],
        elements: verdicts(tcp, ({ targetPort }) => targetPort, 'stray-answer'),
      },
    ],
  ];
}
