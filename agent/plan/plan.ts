// SPDX-License-Identifier: Apache-2.0
import {
  decodeNetwork,
  decodePath,
  encodeHop,
  encodeHopKey,
  encodeNetwork,
  encodePath,
  MAX_HOPS,
  NETWORK_F_ENDS,
  PATH_F_REWRITES,
} from '../render/generated/layout.ts';
import { bytesKey } from '../render/keys.ts';
import type { NetworkState } from '../render/network.ts';
import type { PathState } from '../render/paths.ts';
import { encodeU32 } from '../render/scalar.ts';
import { type FoundEndpoints, planEndpoints } from './endpoints.ts';
import { planRules } from './pairs.ts';
import type { KernelMaps } from './shadow.ts';
import { type Holdings, isNotEmpty, type Step, sameBytes, update } from './step.ts';

export type { Holdings, Step } from './step.ts';

/** Maps whose keys belong to one network each. */
const HELD = [
  'addresses',
  'prefixes',
  'classifier',
  'paths',
  'hops',
  'tables',
  'listeners',
  'sides',
  'networks',
] as const;

/**
 * Plans the writes from the kernel's state to `desired`, so that no packet is handled by a part of a policy:
 * 1. write what no entry refers to yet: listeners, ends of rewriting paths, tables and hops of the other bank, then paths;
 * 2. write new rules and classes into the network's bank that is not in use, and switch it: the policy changes at once;
 * 3. write the rest, make both banks equal again, and delete what no entry refers to any more.
 * A network that no packet can use yet is written without a switch; its own entry, which makes it usable, comes last.
 * @param held what this network holds by an earlier plan; undefined for the first plan
 * @param found for the first plan, the network's addresses and ranges in the kernel; found here if not given
 */
export function planNetwork(
  desired: NetworkState,
  kernel: KernelMaps,
  held: Holdings | undefined,
  found?: FoundEndpoints,
) {
  const vni = bytesKey(encodeU32(desired.vni));
  const known = kernel.networks.get(vni);
  const current = known ? decodeNetwork(known) : { bank: 0 };
  const paths = [...desired.paths].map(([id, path]) => planPath({ id, path, vni: desired.vni, kernel }));
  const listeners = new Map([...desired.paths.values()].flatMap((path) => [...path.listeners]));
  const bank = current.bank & 1;
  const rules = planRules({ desired, kernel, held, bank });
  const endpoints = planEndpoints({ desired, kernel, held, found, bank, switches: rules.switches });
  const switches = known !== undefined && (rules.switches || endpoints.switches);
  // The bank is a counter, so that a program notices a switch during its look-ups.
  const shown = switches ? (current.bank + 1) >>> 0 : current.bank;
  const wanted: Record<(typeof HELD)[number], Iterable<string>> = {
    addresses: endpoints.keys.addresses,
    prefixes: endpoints.keys.prefixes,
    classifier: rules.keys,
    paths: [...desired.paths.keys()].map((id) => bytesKey(encodeU32(id))),
    hops: paths.flatMap((path) => path.hopKeys),
    tables: paths.flatMap((path) => path.tableKeys),
    listeners: listeners.keys(),
    sides: desired.sides.keys(),
    networks: [vni],
  };
  const holdings: Holdings = new Map(HELD.map((map) => [map, new Set(wanted[map])]));
  const steps: Step[] = [
    update('listeners', changed(listeners, kernel.listeners)),
    update('sides', changed(desired.sides, kernel.sides)),
    update(
      'tables',
      paths.flatMap((path) => path.newTables),
    ),
    update(
      'hops',
      paths.flatMap((path) => path.newHops),
    ),
    update(
      'paths',
      paths.flatMap((path) => path.entry),
    ),
    ...(known
      ? [...rules.before, ...endpoints.before]
      : [...rules.before, ...rules.after, ...endpoints.after]),
    update('networks', changed(new Map([[vni, renderEntry(desired, shown)]]), kernel.networks)),
    ...(known ? [...endpoints.after, ...rules.after] : []),
    ...planDeletes(holdings, held),
  ];
  return { steps: steps.filter(isNotEmpty), holdings };
}

/** The entry of a network. It has NETWORK_F_ENDS only if a path may change addresses, so other networks save the look-up. */
function renderEntry({ mtu, paths }: NetworkState, bank: number): Uint8Array {
  const rewrites = [...paths.values()].some(({ flags }) => (flags & PATH_F_REWRITES) !== 0);
  return encodeNetwork({ mtu, bank, flags: rewrites ? NETWORK_F_ENDS : 0 });
}

/** Plans the removal of a network. Entries are deleted before those that they refer to: addresses before classes and paths. */
export function planRemoval(held: Holdings): readonly Step[] {
  return planDeletes(new Map(), held).filter(isNotEmpty);
}

/** Plans the deletion of what is held and not wanted; an entry is deleted before those that it refers to. */
export function planDeletes(wanted: Holdings, held: Holdings | undefined): readonly Step[] {
  return HELD.map((map) => {
    const keep = wanted.get(map);
    return { op: 'delete', map, keys: [...(held?.get(map) ?? [])].filter((key) => !keep?.has(key)) };
  });
}

function changed(wanted: ReadonlyMap<string, Uint8Array>, current: ReadonlyMap<string, Uint8Array>) {
  return [...wanted].filter(([key, value]) => !sameBytes(current.get(key), value));
}

interface PathPlan {
  /** Keys of the path's hops after the plan. */
  readonly hopKeys: readonly string[];
  readonly tableKeys: readonly string[];
  /** Written first: a hop of several instances needs its table. */
  readonly newTables: readonly (readonly [string, Uint8Array])[];
  readonly newHops: readonly (readonly [string, Uint8Array])[];
  readonly entry: readonly (readonly [string, Uint8Array])[];
}

/**
 * Plans a path and its hops. A list of hops is never changed in place, except for a single entry, whose write is atomic.
 * Tables may change in place: they only decide which instance takes a new flow, and known flows are pinned.
 */
function planPath(options: {
  readonly id: number;
  readonly path: PathState;
  readonly vni: number;
  readonly kernel: KernelMaps;
}): PathPlan {
  const { id, path, vni, kernel } = options;
  const key = bytesKey(encodeU32(id));
  const known = kernel.paths.get(key);
  const current = known ? decodePath(known) : undefined;
  const slotOf = (position: number, bank: number) =>
    bytesKey(encodeHopKey({ path: id, slot: position + bank * MAX_HOPS }));
  const hopsAt = (bank: number) =>
    new Map(path.hops.map(({ hop }, position) => [slotOf(position, bank), encodeHop(hop)]));
  const tablesAt = (bank: number) =>
    new Map(
      path.hops.flatMap(({ table }, position) => (table ? [[slotOf(position, bank), table] as const] : [])),
    );
  const inPlace = current !== undefined && current.vni === vni && current.hops === path.hops.length;
  const before = hopsAt(current?.bank ?? 0);
  const stays = inPlace && changed(before, kernel.hops).length <= 1;
  const bank = stays ? current.bank : current ? 1 - current.bank : 0;
  const hops = hopsAt(bank);
  const tables = tablesAt(bank);
  const value = encodePath({ vni, hops: path.hops.length, flags: path.flags, bank, epoch: path.epoch });
  return {
    hopKeys: [...hops.keys()],
    tableKeys: [...tables.keys()],
    newTables: changed(tables, kernel.tables),
    newHops: changed(hops, kernel.hops),
    entry: changed(new Map([[key, value]]), kernel.paths),
  };
}
