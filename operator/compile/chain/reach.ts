// SPDX-License-Identifier: Apache-2.0
/** Which nodes of one chain reach which others, from their own reports. */
export interface Reach {
  /** Nodes with pods or instances of the chain that are Ready and have a report. Only their reports count. */
  readonly judges: ReadonlySet<string>;
  /** The nodes of `judges` that report that they cannot reach a node. */
  accusers(node: string): readonly string[];
  /** Whether the Node object is Ready. */
  isReady(node: string): boolean;
}

/** NodeReports and Node objects of all nodes. */
export interface Reports {
  /** Nodes that report that they cannot reach this one. */
  accusers(node: string): readonly string[];
  /** Whether the node is Ready. */
  isReady(node: string): boolean;
  /** Whether the node has a report. */
  hasReport(node: string): boolean;
}

/** The reports that count for a chain on these nodes. */
export function reachAmong(nodes: Iterable<string>, reports: Reports): Reach {
  const judges = new Set([...nodes].filter((node) => reports.isReady(node) && reports.hasReport(node)));
  return {
    judges,
    accusers: (node) => reports.accusers(node).filter((other) => other !== node && judges.has(other)),
    isReady: reports.isReady,
  };
}

/**
 * Whether a node counts as unreachable for a chain. When the node is Ready, more than half of the other nodes of the
 * chain must report that they cannot reach it: one node that reports it may be broken itself, and it avoids these
 * instances by itself. When the node is not Ready, one report is enough.
 */
export function isUnreachable(node: string, reach: Reach): boolean {
  const accusers = reach.accusers(node).length;
  if (accusers === 0) return false;
  if (!reach.isReady(node)) return true;
  const others = reach.judges.size - (reach.judges.has(node) ? 1 : 0);
  return accusers * 2 > others;
}
