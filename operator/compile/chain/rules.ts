// SPDX-License-Identifier: Apache-2.0
import type { ServiceChain } from '../../../api/index.ts';
import { tryParseAddress } from '../../../api/net/address.ts';
import { mappedRange } from '../../../api/net/mapped.ts';
import { prefixesOf, tryParsePrefix } from '../../../api/net/prefix.ts';
import { hostRange, type Range, rangeOf } from '../../../api/net/range.ts';
import { findRange, mergeRanges, type RangeSet } from '../../../api/net/range-set.ts';
import { blockRangesOf } from './concerned.ts';
import type { CidrBlock, End } from './types.ts';

/** Rules of one entry of the classifier (`agent/bpf/maps.h`). */
export const RULES_PER_ENTRY = 64;

/** A chain as its network's classifier sees it. */
export interface ClassifiedChain {
  readonly from: End;
  readonly to: End;
  /** Rules in each direction; undefined when the chain takes all ports. */
  readonly rules: number | undefined;
}

/** The rules that a chain's ports need: ICMP has two numbers, one for each family. */
export function rulesOf({ spec }: Pick<ServiceChain, 'spec'>): number | undefined {
  return spec.ports?.reduce((sum, { protocol }) => sum + (protocol === 'ICMP' ? 2 : 1), 0);
}

const FROM = 1;
const TO = 2;

/** Addresses of one class: at which end each chain names them. */
interface AddressClass {
  readonly number: number;
  /** FROM and TO, for each chain. */
  readonly sides: Uint8Array;
  /** The chains that name them, in order of precedence. */
  readonly chains: readonly number[];
}

/**
 * Counts the entries that the chains of a network need in the classifier of a node which has pods of all classes: the
 * most that any node can need; or the ranges that they name, if these are more. Agents make the same classes and pairs (`agent/render/classes.ts`); a unit test compares
 * both. Counting stops above `most`.
 * @param chains in order of precedence
 */
export function countRules(
  chains: readonly ClassifiedChain[],
  most: number,
): { readonly entries: number; readonly classes: number } {
  const { classes, ranges } = classify(chains);
  const named = byChain(classes);
  const seen = new Int32Array(classes.length).fill(-1);
  let entries = 0;
  for (const source of classes) {
    for (const chain of source.chains) {
      for (const destination of named.get(chain) ?? []) {
        if (seen[destination.number] === source.number) continue;
        seen[destination.number] = source.number;
        entries += countPair(chains, source, destination);
      }
    }
    if (entries > most) break;
  }
  return { entries: Math.max(entries, ranges), classes: classes.length };
}

function countPair(
  chains: readonly ClassifiedChain[],
  source: AddressClass,
  destination: AddressClass,
): number {
  let rules = 0;
  for (const index of source.chains) {
    const here = source.sides[index]!;
    const there = destination.sides[index]!;
    const ways = Number(here & FROM && there & TO && 1) + Number(here & TO && there & FROM && 1);
    if (ways === 0) continue;
    const own = chains[index]!.rules;
    rules += ways * (own ?? 1);
    // It takes everything: no later chain is asked.
    if (own === undefined) break;
  }
  return Math.ceil(rules / RULES_PER_ENTRY);
}

/** An end of a chain by its number: twice the chain's, and one more for `to`. */
interface RangedEnd {
  readonly end: number;
  /** All its addresses. */
  readonly set: RangeSet;
  readonly blocks: readonly Block[];
}

interface Block {
  readonly range: Range;
  readonly except: readonly Range[];
}

/** The classes of all addresses and ranges that the chains name, and how many ranges these are. */
function classify(chains: readonly ClassifiedChain[]) {
  const ends = chains.flatMap(({ from, to }) => [from, to]);
  /** Ends that name everything: they are in each class. */
  const always = ends.flatMap(({ any }, end) => (any ? [end] : []));
  const exact = new Map<string, number[]>();
  const points = new Map<string, Range>();
  const ranged: RangedEnd[] = [];
  ends.forEach(({ any, cidrs, addresses }, end) => {
    for (const [text, range] of elementaryRanges(cidrs)) points.set(text, range);
    if (any) return;
    for (const address of addresses) push(exact, address, end);
    if (cidrs.length === 0) return;
    const set = mergeRanges(blockRangesOf({ any, cidrs, addresses }));
    ranged.push({ end, set, blocks: cidrs.flatMap(blockOf) });
  });
  const classes = new Map<string, AddressClass>();
  const add = (named: readonly number[]): void => {
    const key = named.join();
    if (classes.has(key) || (named.length === 0 && always.length === 0)) return;
    classes.set(key, makeClass([...named, ...always], classes.size, chains.length));
  };
  for (const [address, named] of exact) {
    const parsed = ranged.length > 0 ? tryParseAddress(address) : undefined;
    const around = parsed ? holding(ranged, mappedRange(hostRange(parsed)).first) : [];
    add(around.length === 0 ? named : [...new Set([...named, ...around])].sort((a, b) => a - b));
  }
  for (const range of points.values()) add(covering(ranged, range));
  if (always.length > 0) add([]);
  return { classes: [...classes.values()], ranges: points.size + Math.min(always.length, 1) };
}

/** The ends that have an address. */
function holding(ranged: readonly RangedEnd[], address: bigint): number[] {
  return ranged.flatMap(({ end, set }) => (findRange(set, address) ? [end] : []));
}

/** The ends that have a range. A range with an exception inside counts as had: agents see it so. */
function covering(ranged: readonly RangedEnd[], range: Range): number[] {
  const covers = (outer: Range) => outer.first <= range.first && outer.last >= range.last;
  return ranged.flatMap(({ end, blocks }) =>
    blocks.some((block) => covers(block.range) && !block.except.some(covers)) ? [end] : [],
  );
}

function blockOf({ cidr, except }: CidrBlock): readonly Block[] {
  return rangesOf([cidr]).map((range) => ({ range, except: rangesOf(except ?? []) }));
}

function rangesOf(cidrs: readonly string[]): readonly Range[] {
  return prefixesOf(cidrs).map((prefix) => mappedRange(rangeOf(prefix)));
}

/** The ranges at which the class may change: each CIDR, and each exception. */
function elementaryRanges(cidrs: End['cidrs']): [string, Range][] {
  const texts = cidrs.flatMap(({ cidr, except }) => [cidr, ...(except ?? [])]);
  return texts.flatMap((text): [string, Range][] => {
    const prefix = tryParsePrefix(text);
    return prefix ? [[text, mappedRange(rangeOf(prefix))]] : [];
  });
}

function makeClass(ends: readonly number[], number: number, count: number): AddressClass {
  const sides = new Uint8Array(count);
  for (const end of ends) sides[end >> 1]! |= end % 2 === 0 ? FROM : TO;
  const chains = [...sides.keys()].filter((index) => sides[index] !== 0);
  return { number, sides, chains };
}

function byChain(classes: readonly AddressClass[]): Map<number, AddressClass[]> {
  const found = new Map<number, AddressClass[]>();
  for (const each of classes) for (const chain of each.chains) push(found, chain, each);
  return found;
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
