// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import { FAMILIES } from '../../api/net/address.ts';
import { decideOrAnswerProbe, IS_CHAINS_FORWARD, IS_CHAINS_REPLY, IS_REPLY } from '../shared/nft/context.ts';
import type { Chain, NamedSet, Ruleset } from '../shared/nft/ruleset.ts';
import { checkChains } from './checks-way.ts';
import { renderChoice } from './choice.ts';
import { listenerChains, listenerMaps } from './listeners.ts';
import { outsideBalance, outsideChains, outsideForward, outsideSets, outsideSource } from './outside.ts';
import type { Picture } from './picture.ts';

/** Pure: a load balancer as a ruleset. */
export function renderRuleset(picture: Picture): Ruleset {
  const families = FAMILIES.filter((family) => picture.addresses[family] !== undefined);
  const each = <T>(render: (family: Family, own: string) => readonly T[]): T[] =>
    families.flatMap((family) => render(family, picture.addresses[family]!));
  const served = FAMILIES.filter((family) => serves(picture, family));
  return {
    counters: ['no-backend', 'backend-gone', ...picture.listeners.map(({ name }) => `listener-${name}`)],
    sets: new Map<string, NamedSet>([
      ...each((family) => [
        ...renderChoice(picture, family).sets,
        ...backendSets(picture, family),
        ...listenerMaps(picture, family),
      ]),
      ...served.map((family) => aliveSet(picture, family)),
      ...outsideSets(picture),
    ]),
    chains: new Map<string, Chain>([
      ...REFUSALS,
      ...each((family): [string, Chain][] => [
        [`choose-v${family}`, { rules: renderChoice(picture, family).rules }],
        ...listenerChains(picture, family),
      ]),
      ...checkChains(picture),
      ...outsideChains(picture),
      [
        'balance',
        {
          hook: 'type nat hook prerouting priority dstnat; policy accept;',
          rules: outsideBalance(picture).concat(
            each((family, own) => [
              `${IS_CHAINS_FORWARD} ${ip(family)} daddr . meta l4proto . th dport vmap @listeners-v${family}`,
              // A reply to a backend that is its own client, at an instance that does not know the flow.
              `${IS_CHAINS_REPLY} ${ip(family)} daddr ${own} dnat ${ip(family)} to ${ip(family)} saddr map @same-v${family}`,
            ]),
          ),
        },
      ],
      [
        'strays',
        {
          hook: 'type filter hook prerouting priority dstnat + 10; policy accept;',
          rules: ['ct state invalid meta l4proto tcp goto stray'],
        },
      ],
      ['stray', { rules: each(strayRules) }],
      [
        'answers',
        {
          hook: 'type nat hook postrouting priority srcnat; policy accept;',
          rules: outsideSource(picture).concat(
            each((family, own) => [
              // A reply of a flow that this instance does not know: the instance that knew it is gone.
              `${IS_CHAINS_REPLY} ${ip(family)} saddr @served-v${family} meta l4proto . th sport vmap @answers-v${family}`,
              // A backend that is its own client would not accept a packet with its own source address.
              `${IS_CHAINS_FORWARD} ${ip(family)} saddr . ${ip(family)} daddr @itself-v${family} snat ${ip(family)} to ${own}`,
            ]),
          ),
        },
      ],
      ['pass', { rules: passRules(picture, { families, served }) }],
      [
        'forward',
        {
          hook: 'type filter hook forward priority filter; policy drop;',
          // Packets without a context are not for the load balancer.
          rules: [...outsideForward(picture), decideOrAnswerProbe('pass')],
        },
      ],
    ]),
  };
}

/** Refusals for flows that have no backend. The kernel translates their addresses as it does for replies. */
const REFUSALS: readonly [string, Chain][] = [
  ['refuse', { rules: ['meta l4proto tcp reject with tcp reset', 'reject with icmpx port-unreachable'] }],
  ['no-backend', { rules: ['counter name "no-backend" goto refuse'] }],
  ['backend-gone', { rules: ['counter name "backend-gone" goto refuse'] }],
];

/**
 * Whether flows of a family may go on: new ones do where the load balancer has an address, and those to an address that
 * was removed do while their backends keep them.
 */
function serves({ addresses, backends }: Picture, family: Family): boolean {
  return addresses[family] !== undefined || backends.some((each) => each.family === family);
}

function passRules(
  picture: Picture,
  { families, served }: { readonly families: readonly Family[]; readonly served: readonly Family[] },
): readonly string[] {
  return [
    `${IS_REPLY} accept`,
    ...served.map((family) => `${ip(family)} daddr @alive-v${family} accept`),
    // An invalid packet, which belongs to no flow and could not be translated, must not end a flow by a reset.
    'ct state invalid drop',
    ...families.map((family) => `${ip(family)} daddr ${picture.addresses[family]} goto no-backend`),
    'goto backend-gone',
  ];
}

/**
 * Connection tracking picks up a TCP connection in the middle, but not by a packet that ends it (FIN, RST). Those
 * packets are translated one by one, with the same choice of backend. Otherwise the data of the last packet would be
 * lost with the failed instance.
 */
function strayRules(family: Family, own: string): readonly string[] {
  const ending = `${IS_CHAINS_FORWARD} tcp flags & (fin | rst) != 0x0`;
  return [
    `${ending} ${ip(family)} daddr ${own} tcp dport vmap @strays-v${family}`,
    `${IS_CHAINS_REPLY} ${ip(family)} saddr @served-v${family} tcp sport vmap @stray-answers-v${family}`,
  ];
}

/** The set of backends that flows may go to. */
function aliveSet({ backends }: Picture, family: Family): readonly [string, NamedSet] {
  const alive = backends.filter((each) => each.family === family && each.keeps);
  return [
    `alive-v${family}`,
    {
      kind: 'set',
      declaration: [`type ipv${family}_addr`],
      elements: new Map(alive.map(({ address }) => [address, ''])),
    },
  ];
}

/** The set of backends that replies may come from, and the set and the map that pair each backend with itself. */
function backendSets({ backends }: Picture, family: Family): readonly [string, NamedSet][] {
  const all = backends.filter((each) => each.family === family).map(({ address }) => address);
  const type = `type ipv${family}_addr`;
  const plain = (addresses: readonly string[]) => new Map(addresses.map((address) => [address, '']));
  return [
    [`served-v${family}`, { kind: 'set', declaration: [type], elements: plain(all) }],
    [
      `itself-v${family}`,
      {
        kind: 'set',
        declaration: [`${type} . ipv${family}_addr`],
        elements: new Map(all.map((address) => [`${address} . ${address}`, ''])),
      },
    ],
    [
      `same-v${family}`,
      {
        kind: 'map',
        declaration: [`${type} : ipv${family}_addr`],
        elements: new Map(all.map((address) => [address, address])),
      },
    ],
  ];
}

function ip(family: Family): string {
  return family === 4 ? 'ip' : 'ip6';
}
