// SPDX-License-Identifier: Apache-2.0
/** The imports of each file; imports of files outside the map are ignored. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * Pure: one circle for each group of files that reach each other (Tarjan's strongly connected components), as the
 * files on it in the order of import, the first again at the end.
 */
export function findCircles(graph: Graph): readonly (readonly string[])[] {
  return components(graph).flatMap((members) => {
    const [first] = [...members].sort();
    const way = first && wayBack(graph, first, members);
    return way ? [way] : [];
  });
}

function components(graph: Graph): readonly ReadonlySet<string>[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const open = new Set<string>();
  const found: ReadonlySet<string>[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    stack.push(file);
    open.add(file);
    for (const next of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) {
        visit(next);
        lowest.set(file, Math.min(lowest.get(file)!, lowest.get(next)!));
      } else if (open.has(next)) {
        lowest.set(file, Math.min(lowest.get(file)!, order.get(next)!));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const members = new Set<string>();
    for (let member = ''; member !== file; ) {
      member = stack.pop()!;
      open.delete(member);
      members.add(member);
    }
    found.push(members);
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

/**
 * The shortest way from a file to itself within a component; undefined for a single file that does not import itself.
 */
function wayBack(graph: Graph, start: string, members: ReadonlySet<string>): readonly string[] | undefined {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === start) return [...way, start];
      if (!members.has(next) || seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
