// SPDX-License-Identifier: Apache-2.0
/** Which nodes of one chain reach which others, as they say themselves. */
export interface Reach {
  /** Nodes with pods or instances of the chain that are Ready and report: those whose word counts. */
  readonly judges: ReadonlySet<string>;
  /** Those of them that say that they cannot reach a node. */
  accusers(node: string): readonly string[];
  /** Whether the cluster takes the node for Ready. */
  isReady(node: string): boolean;
}

/** What reports and Node objects say, of all nodes. */
export interface Reports {
  /** Nodes that report that they cannot reach this one. */
  accusers(node: string): readonly string[];
  /** Whether the node is Ready. */
  isReady(node: string): boolean;
  /** Whether the node has a report. */
  hasReport(node: string): boolean;
}

/** The part of all reports that counts for a chain on these nodes. */
export function reachAmong(nodes: Iterable<string>, reports: Reports): Reach {
  const judges = new Set([...nodes].filter((node) => reports.isReady(node) && reports.hasReport(node)));
  return {
    judges,
    accusers: (node) => reports.accusers(node).filter((other) => other !== node && judges.has(other)),
    isReady: reports.isReady,
  };
}

/**
 * Whether a node counts as gone for a chain. One node that cannot reach it is not enough beside others that can: it may
 * be the broken one, and it avoids the instances by itself. Of a node that is not Ready one word is enough.
 */
export function isUnreachable(node: string, reach: Reach): boolean {
  const accusers = reach.accusers(node).length;
  if (accusers === 0) return false;
  if (!reach.isReady(node)) return true;
  const others = reach.judges.size - (reach.judges.has(node) ? 1 : 0);
  return accusers * 2 > others;
}
