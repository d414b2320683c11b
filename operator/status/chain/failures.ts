// SPDX-License-Identifier: Apache-2.0
import { limitMessage } from '../../../api/conditions.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { ChainStatusFacts, HopStatusFacts } from './facts.ts';
import { type HopReport, reportHop } from './hops.ts';

/** What happens to new flows at a hop. */
export type HopWord = 'Taken' | 'Dropped' | 'Skipped';

/** A hop of a chain, with its position and its state. */
export interface ReportedHop {
  readonly hop: HopStatusFacts;
  readonly index: number;
  readonly report: HopReport;
}

/** The state of each hop of a chain, by kind and name of the function. A chain names a function only once. */
export type HopWords = ReadonlyMap<string, HopWord>;

/** The hops whose `onFailure` is in force. */
export function failedHops(facts: ChainStatusFacts): (ReportedHop & { readonly word: HopWord })[] {
  // The chain is not programmed on the nodes, so no flow reaches a hop.
  if (facts.slices.length === 0) return [];
  return reportedHops(facts)
    .map((reported) => ({ ...reported, word: wordOf(reported) }))
    .filter(({ word }) => word !== 'Taken');
}

/** The failure of a hop and its cause: `functions[1] fw/edge has no instance that forwards; its flows are dropped`. */
export function describeFailure({ hop, index, report }: ReportedHop): string {
  const isDown = report.causes.some(({ reason }) => isOutage(reason));
  const lacks = isDown ? 'no instance that forwards' : 'no instance that takes new flows';
  const fate = hop.onFailure === 'Open' ? 'flows pass without it' : 'its flows are dropped';
  return `functions[${index}] ${hop.label} has ${lacks}; ${fate} (onFailure: ${hop.onFailure}): ${causesOf(report)}.`;
}

/** How many instances of a working hop take new flows, and the state of the others. */
export function describeHop({ hop, index, report }: ReportedHop): string {
  return `functions[${index}] ${hop.label} has ${report.ready} of ${hop.desired} instances that take flows: ${causesOf(report)}.`;
}

/** The present states of the hops. Empty for a chain that is not programmed on the nodes. */
export function wordsOf(facts: ChainStatusFacts): HopWords {
  if (facts.slices.length === 0) return new Map();
  return new Map(reportedHops(facts).map((reported) => [keyOf(reported.hop), wordOf(reported)]));
}

/** The states of hops in a status that an earlier leader wrote. */
export function writtenWords(
  functions: readonly { readonly kind: string; readonly name: string; readonly state: string }[],
  hops: readonly HopStatusFacts[],
): HopWords {
  return new Map(
    functions.map(({ kind, name, state }) => {
      const hop = hops.find((each) => each.kind === kind && each.name === name);
      const failed = hop?.onFailure === 'Open' ? 'Skipped' : 'Dropped';
      return [`${kind}/${name}`, state === 'Failed' ? failed : 'Taken'];
    }),
  );
}

/** The Events for a chain: one for each hop whose state changed. A new hop counts as one that worked before. */
export function renderNews(facts: ChainStatusFacts, before: HopWords): Remark<'ServiceChain'>[] {
  if (facts.slices.length === 0) return [];
  return reportedHops(facts)
    .filter((reported) => wordOf(reported) !== (before.get(keyOf(reported.hop)) ?? 'Taken'))
    .map(renderTurn);
}

function renderTurn(reported: ReportedHop): Remark<'ServiceChain'> {
  const { hop, index, report } = reported;
  switch (wordOf(reported)) {
    case 'Dropped':
      return { type: 'Warning', reason: 'HopFailedClosed', message: describeFailure(reported) };
    case 'Skipped':
      return { type: 'Warning', reason: 'HopSkipped', message: describeFailure(reported) };
    case 'Taken': {
      const message = `functions[${index}] ${hop.label} takes flows: ${report.ready} of ${hop.desired} instances forward.`;
      return { type: 'Normal', reason: 'HopReturned', message };
    }
  }
}

function reportedHops({ hops, namespace }: ChainStatusFacts): ReportedHop[] {
  return hops.map((hop, index) => ({ hop, index, report: reportHop(hop, namespace) }));
}

function wordOf({ hop, report }: ReportedHop): HopWord {
  if (report.state !== 'Failed') return 'Taken';
  return hop.onFailure === 'Open' ? 'Skipped' : 'Dropped';
}

function isOutage(reason: string): boolean {
  return reason === 'NotForwarding' || reason === 'NodeUnreachable' || reason === 'Detached';
}

function causesOf({ causes }: HopReport): string {
  return limitMessage(causes.map(({ message }) => message).join('; '));
}

function keyOf({ kind, name }: HopStatusFacts): string {
  return `${kind}/${name}`;
}
