// SPDX-License-Identifier: Apache-2.0
import { coversMapped, MAPPED_BITS, type MappedPrefix } from '../../api/net/mapped.ts';
import {
  decodeEndpoint,
  type Endpoint,
  encodeAddressKey,
  encodeEndpoint,
  encodePrefixKey,
} from '../render/generated/layout.ts';
import { bytesKey, keyBytes } from '../render/keys.ts';
import type { EndpointState, NetworkState } from '../render/network.ts';
import type { KernelMaps } from './shadow.ts';
import { type Entry, type Holdings, type Step, sameBytes, update } from './step.ts';

const MAPS = ['addresses', 'prefixes'] as const;
type EndpointMap = (typeof MAPS)[number];
type Owner = EndpointState['owner'];

export interface EndpointPlan {
  /** The keys that the network holds after the plan. */
  readonly keys: Readonly<Record<EndpointMap, readonly string[]>>;
  /** Whether the network's bank must be switched between `before` and `after`. */
  readonly switches: boolean;
  readonly before: readonly Step[];
  readonly after: readonly Step[];
}

/** An entry that must be added, changed or deleted. */
interface Change {
  readonly map: EndpointMap;
  readonly key: string;
  readonly owner: Owner;
  /** Its class in the bank in use; of a new entry, the class of the range around it. */
  readonly before: bigint;
  /** Its desired class; of an entry to delete, the class of the range around it. */
  readonly after: bigint;
  /** Its value after the plan; undefined: it is deleted. */
  readonly final: Uint8Array | undefined;
}

/**
 * Plans the addresses and ranges of a network. If more than one entry changes its class, each is first written with
 * both classes: the current one in the bank in use, the desired one in the other bank; new entries and those to
 * delete too. Then the switch of the bank changes the classes of all entries at once.
 */
export function planEndpoints(options: {
  readonly desired: NetworkState;
  readonly kernel: KernelMaps;
  readonly held: Holdings | undefined;
  /** The network's entries in the kernel, if `held` is undefined. */
  readonly found: FoundEndpoints | undefined;
  readonly bank: number;
  /** Whether the rules switch the bank anyway: then every change of an endpoint uses the switch too. */
  readonly switches: boolean;
}): EndpointPlan {
  const { desired, bank } = options;
  const wanted = indexDesired(desired);
  const changes = listChanges(options, wanted);
  const reclassed = changes.filter(({ before, after }) => before !== after).length;
  const switches = options.switches ? changes.length > 0 : reclassed > 1;
  const aside = (change: Change): Uint8Array =>
    encode(change.owner, bank === 0 ? [change.before, change.after] : [change.after, change.before]);
  const settled = changes.filter(({ final }) => final !== undefined);
  return {
    keys: { addresses: [...wanted.addresses.keys()], prefixes: [...wanted.prefixes.keys()] },
    switches,
    before: switches ? writes(changes, aside) : [],
    after: writes(settled, ({ final }) => final!),
  };
}

type Wanted = Readonly<Record<EndpointMap, ReadonlyMap<string, EndpointState>>>;

function indexDesired({ vni, endpoints }: NetworkState): Wanted {
  const wanted = { addresses: new Map<string, EndpointState>(), prefixes: new Map<string, EndpointState>() };
  for (const endpoint of endpoints.values()) {
    const { map, key } = entryOf(vni, endpoint);
    wanted[map].set(key, endpoint);
  }
  return wanted;
}

interface EndpointEntry {
  readonly vni: number;
  readonly map: EndpointMap;
  readonly key: string;
  /** Its value when both banks are alike. */
  readonly value: Uint8Array;
}

/** An endpoint's entry in the kernel; the same objects for the same endpoint. */
function entryOf(vni: number, endpoint: EndpointState): EndpointEntry {
  const known = entries.get(endpoint);
  if (known?.vni === vni) return known;
  const { owner, classId, prefix } = endpoint;
  const entry = { vni, ...endpointKey(vni, prefix), value: encode(owner, [classId, classId]) };
  entries.set(endpoint, entry);
  return entry;
}

const entries = new WeakMap<EndpointState, EndpointEntry>();

function listChanges(
  { desired, kernel, held, found, bank }: Parameters<typeof planEndpoints>[0],
  wanted: Wanted,
): readonly Change[] {
  const there = held ? undefined : (found ?? findEndpoints(kernel).get(desired.vni));
  const present = (map: EndpointMap) => held?.get(map) ?? there?.[map] ?? NOTHING;
  const classBefore = longestMatch(
    [...present('prefixes')].flatMap((key) => {
      const value = kernel.prefixes.get(key);
      return value
        ? [{ prefix: prefixOf('prefixes', key), classId: decodeEndpoint(value).classId[bank] ?? 0n }]
        : [];
    }),
  );
  const classAfter = longestMatch([...wanted.prefixes.values()]);
  return MAPS.flatMap((map) => [
    ...[...wanted[map]].flatMap(([key, endpoint]) => {
      const value = kernel[map].get(key);
      const final = entryOf(desired.vni, endpoint).value;
      if (value === final || sameBytes(value, final)) return [];
      const before = value ? decodeEndpoint(value).classId[bank]! : classBefore(endpoint.prefix);
      return [{ map, key, owner: endpoint.owner, before, after: endpoint.classId, final }];
    }),
    ...[...present(map)].flatMap((key) => {
      const value = wanted[map].has(key) ? undefined : kernel[map].get(key);
      if (!value) return [];
      const { classId, ...owner } = decodeEndpoint(value);
      const after = classAfter(prefixOf(map, key));
      return [{ map, key, owner, before: classId[bank]!, after, final: undefined }];
    }),
  ]);
}

/** Returns a function that gives the class of the longest range around a prefix, other than the prefix itself. */
function longestMatch(
  ranges: readonly { readonly prefix: MappedPrefix; readonly classId: bigint }[],
): (prefix: MappedPrefix) => bigint {
  const ordered = [...ranges].sort((a, b) => b.prefix.length - a.prefix.length);
  return (prefix) =>
    ordered.find((range) => range.prefix.length < prefix.length && coversMapped(range.prefix, prefix))
      ?.classId ?? 0n;
}

/** Keys of the addresses and ranges of one network. */
export type FoundEndpoints = Readonly<Record<EndpointMap, ReadonlySet<string>>>;

const NOTHING: ReadonlySet<string> = new Set();

/** Finds the entries of each network in the kernel, by VNI, for an agent that has just started. */
export function findEndpoints(kernel: Pick<KernelMaps, EndpointMap>): ReadonlyMap<number, FoundEndpoints> {
  const found = new Map<number, Record<EndpointMap, Set<string>>>();
  for (const map of MAPS) {
    const at = map === 'addresses' ? 0 : 4;
    for (const key of kernel[map].keys()) {
      const vni = Buffer.from(key.slice(at, at + 4), 'latin1').readUInt32LE();
      const known = found.get(vni) ?? { addresses: new Set(), prefixes: new Set() };
      known[map].add(key);
      found.set(vni, known);
    }
  }
  return found;
}

/** The key of an address or range, and the map that it is in. */
export function endpointKey(
  vni: number,
  prefix: MappedPrefix,
): { readonly map: EndpointMap; readonly key: string } {
  return prefix.length === MAPPED_BITS
    ? { map: 'addresses', key: bytesKey(encodeAddressKey({ vni, address: prefix.bytes })) }
    : {
        map: 'prefixes',
        key: bytesKey(encodePrefixKey({ prefixlen: 32 + prefix.length, vni, address: prefix.bytes })),
      };
}

/** The prefix of a key; the inverse of `endpointKey`. */
function prefixOf(map: EndpointMap, key: string): MappedPrefix {
  const bytes = keyBytes(key);
  if (map === 'addresses') return { bytes: bytes.subarray(4), length: MAPPED_BITS };
  return { bytes: bytes.subarray(8), length: bytes[0]! - 32 };
}

function writes(changes: readonly Change[], value: (change: Change) => Uint8Array): readonly Step[] {
  return MAPS.map((map) => {
    const entries = changes
      .filter((change) => change.map === map)
      .map((change): Entry => [change.key, value(change)]);
    return update(map, entries);
  });
}

function encode(owner: Owner, classId: readonly [bigint, bigint]): Uint8Array {
  const endpoint: Endpoint = { ...owner, classId };
  return encodeEndpoint(endpoint);
}
