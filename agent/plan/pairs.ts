// SPDX-License-Identifier: Apache-2.0
import { encodeRules, encodeRulesKey, type RulesKey } from '../render/generated/layout.ts';
import { bytesKey } from '../render/keys.ts';
import type { NetworkState } from '../render/network.ts';
import type { KernelMaps } from './shadow.ts';
import { type Entry, type Holdings, type Step, sameBytes, update } from './step.ts';

export interface RulesPlan {
  /** The keys that the network holds after the plan: each list of rules in both banks. */
  readonly keys: readonly string[];
  /** Whether packets see other rules in the bank in use, so that the network's bank must be switched. */
  readonly switches: boolean;
  /** Steps before the switch, for the bank that is not in use. */
  readonly before: readonly Step[];
  /** Steps after the switch, for the bank that was in use; then both banks are equal again. */
  readonly after: readonly Step[];
}

/**
 * Plans the rules of a network. The rules of a pair of classes are in two banks, as the classes of an address are. Changes
 * are written into the bank that is not in use, and the switch activates all of them at once. So an edit of a chain's ports
 * or priority writes its few pairs of classes, not the addresses of its network.
 */
export function planRules(options: {
  readonly desired: NetworkState;
  readonly kernel: Pick<KernelMaps, 'classifier'>;
  readonly held: Holdings | undefined;
  /** The bank in use: 0 or 1. */
  readonly bank: number;
}): RulesPlan {
  const { desired, kernel, held, bank } = options;
  const wanted = [renderRules(desired, 0), renderRules(desired, 1)] as const;
  const present = held ? (held.get('classifier') ?? NOTHING) : findPairs(desired, kernel);
  const inUse = differences(wanted[bank]!, kernel, present, bank);
  const aside = differences(wanted[1 - bank]!, kernel, present, 1 - bank);
  return {
    keys: wanted.flatMap((rules) => [...rules.keys()]),
    switches: inUse.written.length > 0 || inUse.gone.length > 0,
    before: [update('classifier', aside.written), { op: 'delete', map: 'classifier', keys: aside.gone }],
    after: [update('classifier', inUse.written), { op: 'delete', map: 'classifier', keys: inUse.gone }],
  };
}

interface Differences {
  readonly written: readonly Entry[];
  readonly gone: readonly string[];
}

function differences(
  wanted: ReadonlyMap<string, Uint8Array>,
  { classifier }: Pick<KernelMaps, 'classifier'>,
  present: ReadonlySet<string>,
  bank: number,
): Differences {
  return {
    written: [...wanted].filter(([key, value]) => !sameBytes(classifier.get(key), value)),
    gone: [...present].filter((key) => bankOf(key) === bank && !wanted.has(key) && classifier.has(key)),
  };
}

function renderRules({ pairs }: NetworkState, bank: number): ReadonlyMap<string, Uint8Array> {
  return new Map(
    pairs.flatMap(({ source, destination, segments }) =>
      segments.map(
        (rules, segment): Entry => [
          rulesKey({ sourceClass: source, destinationClass: destination, segment, bank }),
          encodeRules(rules),
        ],
      ),
    ),
  );
}

/** Finds rules that an earlier agent has written for the network's classes, if the holdings are not known. */
function findPairs(
  { endpoints }: NetworkState,
  { classifier }: Pick<KernelMaps, 'classifier'>,
): ReadonlySet<string> {
  if (classifier.size === 0) return NOTHING;
  const classes = new Set([...endpoints.values()].map(({ classId }) => classId).filter((id) => id !== 0n));
  const found = new Set<string>();
  for (const sourceClass of classes) {
    for (const destinationClass of classes) {
      for (const bank of [0, 1]) {
        const key = rulesKey({ sourceClass, destinationClass, segment: 0, bank });
        if (classifier.has(key)) found.add(key);
      }
    }
  }
  return found;
}

function rulesKey(key: RulesKey): string {
  return bytesKey(encodeRulesKey(key));
}

/** The bank of a key, which is its last word. */
function bankOf(key: string): number {
  return key.charCodeAt(key.length - 4);
}

const NOTHING: ReadonlySet<string> = new Set();
