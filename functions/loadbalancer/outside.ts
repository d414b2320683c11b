// SPDX-License-Identifier: Apache-2.0
import { encodeMark } from '../../api/context/context.ts';
import { chainInterface } from '../../api/names.ts';
import type { Family } from '../../api/net/address.ts';
import { FAMILIES } from '../../api/net/address.ts';
import { hex, IS_CHAINS_FORWARD } from '../shared/nft/context.ts';
import type { Chain, NamedSet } from '../shared/nft/ruleset.ts';
import { entranceRules } from './entrance.ts';
import type { Picture } from './picture.ts';

/**
 * How traffic enters from outside the network: a Kubernetes Service leads clients to this pod's own address. Their
 * packets get the context of a path before any other rule sees them, are balanced like all others, and leave by chain0
 * with the load balancer's own address, since a backend has no route to clients outside. Connection tracking translates
 * the replies, which lose the context and leave by the pod's own network.
 *
 * If a chain has functions before the load balancer, packets enter at the beginning of a path instead (entrance.ts).
 * They go to the load balancer's address, pass these functions with the client's own address, and come back by chain0 to
 * an instance, this one or another, which balances them. The two parts of such a flow are two flows of connection
 * tracking.
 */

/** Conntrack marks; nothing else in this namespace uses any. A flow that came from outside and is balanced here. */
export const OUTSIDE = '0x1';
/** A flow that came from outside and goes to functions before the load balancer. */
const ENTERING = '0x2';
/** A flow of a client outside that comes back from these functions and is balanced here. */
const RETURNED = '0x3';
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
  const through = outside.entries.flatMap(({ enter }) =>
    enter && enter.balanced !== enter.position ? [enter] : [],
  );
  const mark = (pathId: number, position: number): string => hex(encodeMark({ path: pathId, position }));
  const entering = new Set(through.map(({ pathId, position }) => mark(pathId, position)));
  const returned = new Set(through.map(({ pathId, balanced }) => mark(pathId, balanced)));
  return [
    ...families(picture).map((family): [string, Chain] => [
      `outside-enter-v${family}`,
      { rules: entranceRules(picture, family) },
    ]),
    [
      // Before the zones of the paths are set (-450), so that these flows are in the zone of our path.
      'outside-in',
      {
        hook: 'type filter hook prerouting priority -460; policy accept;',
        rules: families(picture).map(
          (family) =>
            `${FROM_OUTSIDE} meta mark 0 ${ip(family)} daddr != ${addresses[family]} fib daddr type local meta l4proto . th dport @outside goto outside-enter-v${family}`,
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
          ...[...entering].map((each) => `${FROM_OUTSIDE} meta mark ${each} ct mark set ${ENTERING}`),
          ...[...returned].map(
            (each) => `iifname "${chainInterface}" meta mark ${each} ct mark set ${RETURNED}`,
          ),
          `iifname "${chainInterface}" ct mark { ${OUTSIDE}, ${ENTERING} } ct direction reply meta mark set 0`,
        ],
      },
    ],
    [
      // Refusals and errors that this instance sends for such a flow: the kernel copies the context of the packet that
      // they answer.
      'outside-out',
      {
        hook: 'type route hook output priority mangle; policy accept;',
        rules: [`ct mark { ${OUTSIDE}, ${ENTERING} } meta mark set 0`],
      },
    ],
  ];
}

/** Rules that come before those of `balance`. */
export function outsideBalance(picture: Picture): readonly string[] {
  if (!picture.outside) return [];
  const there = families(picture).map(
    (family) =>
      `${FROM_OUTSIDE} ct mark ${ENTERING} meta nfproto ipv${family} meta l4proto { tcp, udp } dnat ${ip(family)} to ${picture.addresses[family]}`,
  );
  const here = families(picture).map(
    (family) =>
      `${FROM_OUTSIDE} ${IS_CHAINS_FORWARD} meta nfproto ipv${family} meta l4proto . th dport vmap @outside-v${family}`,
  );
  return [...there, ...here];
}

/**
 * Rules that come before those of `answers`. They use ports that only this instance has, so that replies can be told
 * apart.
 */
export function outsideSource(picture: Picture): readonly string[] {
  const { outside, addresses } = picture;
  if (!outside) return [];
  const { first, last } = outside.ports;
  return families(picture).flatMap((family) => {
    const own = family === 4 ? addresses[family] : `[${addresses[family]}]`;
    const leaves = `oifname "${chainInterface}" meta nfproto ipv${family} meta l4proto { tcp, udp } snat`;
    return [
      `ct mark { ${OUTSIDE}, ${RETURNED} } ${leaves} ${ip(family)} to ${own}:${first}-${last}`,
      // The client keeps its address. Another instance may have a flow of the same client and port.
      `ct mark ${ENTERING} ${leaves} to :${first}-${last}`,
    ];
  });
}

/** Rules that come before those of `forward`. The tunnel carries smaller packets than clients outside expect. */
export function outsideForward(picture: Picture): readonly string[] {
  const { outside } = picture;
  if (!outside) return [];
  const clamp = (family: Family, headers: number): string =>
    `ct mark { ${OUTSIDE}, ${ENTERING} } meta nfproto ipv${family} tcp flags & syn == syn tcp option maxseg size set ${outside.mtu - headers}`;
  return [
    clamp(4, IPV4_AND_TCP_HEADER),
    clamp(6, IPV6_AND_TCP_HEADER),
    `ct mark ${OUTSIDE} ct direction reply accept`,
    `ct mark ${ENTERING} accept`,
  ];
}

function families({ addresses }: Picture): readonly Family[] {
  return FAMILIES.filter((family) => addresses[family] !== undefined);
}

function ip(family: Family): string {
  return family === 4 ? 'ip' : 'ip6';
}
