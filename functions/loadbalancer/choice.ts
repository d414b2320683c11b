// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { NamedSet } from '../shared/nft/ruleset.ts';
import { formatId, renderIds } from './ids.ts';
import type { Picture } from './picture.ts';
import { type Member, renderSlots, SLOTS, SPARE_SLOTS } from './slots.ts';

/** How the backend of a flow is chosen: the rules, and the maps that they look into. */
export interface Choice {
  readonly rules: readonly string[];
  readonly sets: readonly [string, NamedSet][];
}

/** Clients that are remembered; of more, the kernel remembers none anew, and the hash alone chooses. */
const MOST_CLIENTS = 262_144;

/** How often another slot is tried where that of the flow belongs to a backend that takes none. */
const TRIES = 4;

/**
 * The choice of one family. It is kept in the packet's priority, which nothing else here uses: a slot by the hash of
 * the flow, then the backend of the slot. All of it depends on the packet and the tables alone, so that every instance
 * comes to the same backend, also in the midst of a flow.
 *
 * The large table has all backends, the sick too: one that falls ill or recovers is one element of `taking`, known to
 * packets in a millisecond, and no flow of another backend moves. Its own flows try other slots; for the few that find
 * nobody there is a small table of those alone who take flows.
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

/** The very same table while its members are: a check that fails costs neither its making nor the comparison. */
const rendered = new Map<string, NamedSet>();
/** Two of each family, now and a moment ago. */
const MOST_TABLES = 8;

function choiceRules({ affinitySeconds, seed }: Picture, family: Family): readonly string[] {
  const ip = family === 4 ? 'ip' : 'ip6';
  const byClient = affinitySeconds !== undefined;
  const hashed = byClient ? `${ip} saddr` : `${ip} saddr . th sport . ${ip} daddr . th dport`;
  const remember = byClient
    ? `update @clients-v${family} { ${ip} saddr timeout ${affinitySeconds}s : meta priority } `
    : '';
  const found = `meta priority @taking-v${family} ${remember}return`;
  const bySlot = (table: string, slots: number, tried: number): readonly string[] => [
    `meta priority set jhash ${hashed} mod ${slots} seed 0x${((seed + tried) >>> 0).toString(16)}`,
    `meta priority set meta priority map @${table}-v${family}`,
    found,
  ];
  return [
    // The sender's own priority must not be taken for a choice.
    'meta priority set 0:0',
    ...(byClient ? [`meta priority set ${ip} saddr map @clients-v${family}`, found] : []),
    ...Array.from({ length: TRIES }, (_, tried) => bySlot('slots', SLOTS, tried)).flat(),
    ...bySlot('spare', SPARE_SLOTS, TRIES),
    'meta priority set 0:0',
  ];
}
