// SPDX-License-Identifier: Apache-2.0
import type { InstanceReport, RuleCount } from '../../../api/report.ts';

interface Count {
  readonly packets: number;
  readonly bytes: number;
}

interface Counts {
  readonly rules: ReadonlyMap<string, Count>;
  readonly logged: number;
}

/**
 * The counts of a function: the last report of each living instance, and the sum of the counts of instances that are
 * gone or restarted from zero. So totals never decrease.
 */
export interface Ledger {
  readonly gone: Counts;
  /** Counts by the uid of the pod. */
  readonly live: ReadonlyMap<string, Counts>;
}

export interface Totals {
  readonly rules: readonly RuleCount[];
  readonly logged: number;
}

const NOTHING: Counts = { rules: new Map(), logged: 0 };

/**
 * The first ledger of a new leader. Counts in the status that exceed those of the living instances were made by
 * instances that are gone, and are kept. All instances must have answered first, or their counts would be added
 * twice.
 */
export function openLedger(
  written: Partial<Totals> | undefined,
  reports: ReadonlyMap<string, InstanceReport>,
): Ledger {
  const live = new Map([...reports].map(([uid, report]) => [uid, countsOf(report)] as const));
  const explained = [...live.values()].reduce(addCounts, NOTHING);
  const before = countsOf({ rules: written?.rules ?? [], logged: written?.logged ?? 0 });
  return { gone: subtractCounts(before, explained), live };
}

/**
 * The ledger after a round of reports. `alive` has the uids of existing pods; counts of all others move to `gone`,
 * which keeps only the rules in `known`: otherwise it would grow with every name that was ever reported.
 */
export function updateLedger(
  ledger: Ledger,
  reports: ReadonlyMap<string, InstanceReport>,
  { alive, known }: { readonly alive: ReadonlySet<string>; readonly known: ReadonlySet<string> },
): Ledger {
  let { gone } = ledger;
  const live = new Map<string, Counts>();
  for (const [uid, before] of ledger.live) {
    if (alive.has(uid)) live.set(uid, before);
    else gone = addCounts(gone, before);
  }
  for (const [uid, report] of reports) {
    if (!alive.has(uid)) continue;
    const now = countsOf(report);
    gone = addCounts(gone, lostBetween(live.get(uid) ?? NOTHING, now));
    live.set(uid, now);
  }
  return { gone: { ...gone, rules: new Map([...gone.rules].filter(([name]) => known.has(name))) }, live };
}

/**
 * Most rules in a status, the busiest ones. With a spec of 10,000 rules in the same object, more would not fit into
 * etcd.
 */
const MOST_RULES = 1000;

/** The totals of the rules in the spec, in its order. */
export function totalsOf(ledger: Ledger, ruleNames: readonly string[]): Totals {
  const sum = [...ledger.live.values()].reduce(addCounts, ledger.gone);
  const rules = ruleNames.map((name) => ({ name, ...(sum.rules.get(name) ?? { packets: 0, bytes: 0 }) }));
  return { rules: rules.length <= MOST_RULES ? rules : busiest(rules), logged: sum.logged };
}

function busiest(rules: readonly RuleCount[]): readonly RuleCount[] {
  const used = rules.filter(({ packets }) => packets > 0);
  const listed = new Set([...used].sort((a, b) => b.packets - a.packets).slice(0, MOST_RULES));
  return used.filter((rule) => listed.has(rule));
}

/** The counts of an instance from before its restart: the full value of each counter that decreased. */
function lostBetween(before: Counts, now: Counts): Counts {
  const rules = new Map(
    [...before.rules].filter(([name, count]) => count.packets > (now.rules.get(name)?.packets ?? 0)),
  );
  return { rules, logged: before.logged > now.logged ? before.logged : 0 };
}

function countsOf(report: Totals): Counts {
  return {
    rules: new Map(report.rules.map(({ name, packets, bytes }) => [name, { packets, bytes }])),
    logged: report.logged,
  };
}

function addCounts(a: Counts, b: Counts): Counts {
  const rules = new Map(a.rules);
  for (const [name, { packets, bytes }] of b.rules) {
    const before = rules.get(name);
    rules.set(name, {
      packets: packets + (before?.packets ?? 0),
      bytes: bytes + (before?.bytes ?? 0),
    });
  }
  return { rules, logged: a.logged + b.logged };
}

function subtractCounts(a: Counts, b: Counts): Counts {
  const rules = [...a.rules].map(([name, { packets, bytes }]) => {
    const other = b.rules.get(name);
    const left = {
      packets: Math.max(0, packets - (other?.packets ?? 0)),
      bytes: Math.max(0, bytes - (other?.bytes ?? 0)),
    };
    return [name, left] as const;
  });
  return { rules: new Map(rules), logged: Math.max(0, a.logged - b.logged) };
}
