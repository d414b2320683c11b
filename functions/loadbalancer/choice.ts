// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { formatId, renderIds } from './ids.ts';
import type { Picture } from './picture.ts';
import { type Member, renderSlots, SLOTS, SPARE_SLOTS } from './slots.ts';

/** How the backend of a flow is chosen: the rules, and the maps that they use. */
export interface Choice {
  readonly rules: readonly string[];
  readonly sets: readonly [string, NamedSet][];
}

/** The largest number of clients with affinity. Beyond it the kernel adds none, and the hash alone chooses. */
const MOST_CLIENTS = 262_144;

/** How many other slots are tried when the slot of a flow has a backend that takes no new flows. */
const TRIES = 4;

/**
 * The choice of a backend for one family. The packet's priority holds it, which nothing else here uses: first a slot by
 * the hash of the flow, then the backend of the slot. The choice depends on the packet and the tables only, so every
 * instance chooses the same backend, also in the middle of a flow.
 *
 * The large table has all backends, unhealthy ones included. A backend that fails or recovers changes one element of
 * `taking`, which takes effect within a millisecond, and no flow of another backend moves. Flows of a failed backend
 * try other slots. The few that find none use a small table, which has only the backends that take flows.
 */
export function renderChoice(picture: Picture, family: Family): Choice {
  const members = picture.backends.filter((each) => each.family === family && each.weight > 0);
  const taking = members.filter(({ takes }) => takes);
  const ids = renderIds(members.map(({ address }) => address));
  const idOf = ({ address }: { readonly address: string }): string => formatId(ids.get(address)!);
  const { affinitySeconds } = picture;
  const address = `ipv${family}_addr`;
  return {
    rules: choiceRules(picture, family),
    sets: [
      [`slots-v${family}`, slotMap(members, SLOTS, idOf)],
      [`spare-v${family}`, slotMap(taking, SPARE_SLOTS, idOf)],
      [
        `taking-v${family}`,
        {
          kind: 'set',
          declaration: ['type classid'],
          elements: new Map(taking.map((each) => [idOf(each), ''])),
        },
      ],
      [
        `backends-v${family}`,
        {
          kind: 'map',
          declaration: [`type classid : ${address}`],
          elements: new Map(members.map((each) => [idOf(each), each.address])),
        },
      ],
      ...(affinitySeconds === undefined ? [] : [clientMap(family)]),
    ],
  };
}

function clientMap(family: Family): [string, NamedSet] {
  const declaration = [`type ipv${family}_addr : classid`, `size ${MOST_CLIENTS}`, 'flags dynamic,timeout'];
  return [`clients-v${family}`, { kind: 'map', declaration }];
}

function slotMap(members: readonly Member[], slots: number, idOf: (member: Member) => string): NamedSet {
  const key = JSON.stringify([slots, members.map((each) => [each.address, each.weight, idOf(each)])]);
  const known = rendered.get(key);
  if (known) return known;
  const table = renderSlots(members, slots);
  const map: NamedSet = {
    kind: 'map',
    declaration: ['type classid : classid', `size ${slots}`],
    elements: new Map(Array.from(table, (index, slot) => [formatId(slot), idOf(members[index]!)])),
  };
  if (rendered.size === MOST_TABLES) rendered.clear();
  rendered.set(key, map);
  return map;
}

/** A cache of tables: while the members stay the same, a failed check costs neither rendering nor comparison. */
const rendered = new Map<string, NamedSet>();
/** The number of cached tables: two for each family, the current ones and the former ones. */
const MOST_TABLES = 8;

function choiceRules({ affinitySeconds, seed }: Picture, family: Family): readonly string[] {
  const ip = family === 4 ? 'ip' : 'ip6';
  const byClient = affinitySeconds !== undefined;
  const hashed = byClient ? `${ip} saddr` : `${ip} saddr . th sport . ${ip} daddr . th dport`;
  const remember = byClient
    ? `update @clients-v${family} { ${ip} saddr timeout ${affinitySeconds}s : meta priority } `
    : '';
  // `update` gives an element of a map a new timeout but no new value. The client of a backend that takes no flows any
  // more has to be removed, so that the choice below is remembered.
  const forget = `meta priority != 0:0 delete @clients-v${family} { ${ip} saddr : meta priority }`;
  const found = `meta priority @taking-v${family} ${remember}return`;
  const bySlot = (table: string, slots: number, tried: number): readonly string[] => [
    `meta priority set jhash ${hashed} mod ${slots} seed 0x${((seed + tried) >>> 0).toString(16)}`,
    `meta priority set meta priority map @${table}-v${family}`,
    found,
  ];
  return [
    // A priority that the sender has set must not be taken for a choice.
    'meta priority set 0:0',
    ...(byClient ? [`meta priority set ${ip} saddr map @clients-v${family}`, found, forget] : []),
    ...Array.from({ length: TRIES }, (_, tried) => bySlot('slots', SLOTS, tried)).flat(),
    ...bySlot('spare', SPARE_SLOTS, TRIES),
    'meta priority set 0:0',
  ];
}
