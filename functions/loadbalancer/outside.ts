// SPDX-License-Identifier: Apache-2.0
import { chainInterface } from '../../api/names.ts';
import type { Family } from '../../api/net/address.ts';
import { FAMILIES } from '../../api/net/address.ts';
import { hex, IS_CHAINS_FORWARD } from '../shared/nft/context.ts';
import type { Chain, NamedSet } from '../shared/nft/ruleset.ts';
import type { Picture } from './picture.ts';

/**
 * How traffic enters from outside the network: a Kubernetes Service leads clients to this pod's own address. Their
 * packets get the context of the load balancer's path before any other rule sees them, are balanced like all others,
 * and leave by chain0 with the load balancer's own address, since a backend has no route to clients outside. Connection
 * tracking translates the replies, which lose the context and leave by the pod's own network.
 */

/** The conntrack mark of flows that came from outside; nothing else in this namespace uses it. */
const OUTSIDE = '0x1';
const FROM_OUTSIDE = `iifname != { "${chainInterface}", "lo" }`;
const IPV4_AND_TCP_HEADER = 40;
const IPV6_AND_TCP_HEADER = 60;

export function outsideSets(picture: Picture): readonly [string, NamedSet][] {
  if (!picture.outside) return [];
  const { listeners } = picture;
  const keyOf = ({ protocol, port }: Picture['listeners'][number]): string => `${protocol} . ${port}`;
  const declaration = 'type inet_proto . inet_service';
  return [
    [
      'outside',
      {
        kind: 'set',
        declaration: [declaration],
        elements: new Map(listeners.map((each) => [keyOf(each), ''])),
      },
    ],
    ...families(picture).map((family): [string, NamedSet] => [
      `outside-v${family}`,
      {
        kind: 'map',
        declaration: [`${declaration} : verdict`],
        elements: new Map(listeners.map((each) => [keyOf(each), `goto listener-${each.name}-v${family}`])),
      },
    ]),
  ];
}

export function outsideChains(picture: Picture): readonly [string, Chain][] {
  const { outside, addresses } = picture;
  if (!outside) return [];
  const mark = hex(outside.mark);
  return [
    [
      // Before the zones of the paths are set (-450), so that these flows are in the zone of our path.
      'outside-in',
      {
        hook: 'type filter hook prerouting priority -460; policy accept;',
        rules: families(picture).map(
          (family) =>
            `${FROM_OUTSIDE} meta mark 0 ${ip(family)} daddr != ${addresses[family]} fib daddr type local meta l4proto . th dport @outside meta mark set ${mark}`,
        ),
      },
    ],
    [
      // After connection tracking (-200).
      'outside-known',
      {
        hook: 'type filter hook prerouting priority -190; policy accept;',
        rules: [
          `${FROM_OUTSIDE} ${IS_CHAINS_FORWARD} ct mark set ${OUTSIDE}`,
          `iifname "${chainInterface}" ct mark ${OUTSIDE} ct direction reply meta mark set 0`,
        ],
      },
    ],
    [
      // Refusals and errors that this instance sends for such a flow: the kernel copies the context of the packet that
      // they answer.
      'outside-out',
      {
        hook: 'type route hook output priority mangle; policy accept;',
        rules: [`ct mark ${OUTSIDE} meta mark set 0`],
      },
    ],
  ];
}

/** Rules that come before those of `balance`. */
export function outsideBalance(picture: Picture): readonly string[] {
  if (!picture.outside) return [];
  return families(picture).map(
    (family) =>
      `${FROM_OUTSIDE} ${IS_CHAINS_FORWARD} meta nfproto ipv${family} meta l4proto . th dport vmap @outside-v${family}`,
  );
}

/**
 * Rules that come before those of `answers`. They use ports that only this instance has, so that replies can be told
 * apart.
 */
export function outsideSource(picture: Picture): readonly string[] {
  const { outside, addresses } = picture;
  if (!outside) return [];
  const { first, last } = outside.ports;
  return families(picture).map((family) => {
    const own = family === 4 ? addresses[family] : `[${addresses[family]}]`;
    return `ct mark ${OUTSIDE} oifname "${chainInterface}" meta nfproto ipv${family} meta l4proto { tcp, udp } snat ${ip(family)} to ${own}:${first}-${last}`;
  });
}

/** Rules that come before those of `forward`. The tunnel carries smaller packets than clients outside expect. */
export function outsideForward(picture: Picture): readonly string[] {
  const { outside } = picture;
  if (!outside) return [];
  const clamp = (family: Family, headers: number): string =>
    `ct mark ${OUTSIDE} meta nfproto ipv${family} tcp flags & syn == syn tcp option maxseg size set ${outside.mtu - headers}`;
  return [
    clamp(4, IPV4_AND_TCP_HEADER),
    clamp(6, IPV6_AND_TCP_HEADER),
    `ct mark ${OUTSIDE} ct direction reply accept`,
  ];
}

function families({ addresses }: Picture): readonly Family[] {
  return FAMILIES.filter((family) => addresses[family] !== undefined);
}

function ip(family: Family): string {
  return family === 4 ? 'ip' : 'ip6';
}
