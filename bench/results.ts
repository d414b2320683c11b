// SPDX-License-Identifier: Apache-2.0
import type { Section } from './section.ts';

/** The parts of the benchmark, in the order of the report. */
export const PARTS = ['datapath', 'control', 'networks', 'attach', 'loadbalancer'] as const;
export type Part = (typeof PARTS)[number];

/**
 * The time and machine of a part's measurement. Each part has its own, since parts may be measured on different days.
 */
export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly kernel: string;
  readonly cpus: string;
  readonly load: string;
  readonly quick: boolean;
}

export interface MeasuredPart {
  readonly part: Part;
  readonly section: Section;
  readonly circumstances: Circumstances;
}

const TITLE = '# What was measured';
const INTRODUCTION =
  'Written by `npm run bench`: see [docs/benchmarks.md](../docs/benchmarks.md) for what each figure means and how it is ' +
  'taken. Each part says when it was measured; a part that was not run again keeps its former figures.';

/** Pure: replaces the parts of the report that were measured now. */
export function mergeResults(former: string, measured: readonly MeasuredPart[]): string {
  const kept = splitParts(former);
  const parts = PARTS.flatMap((part) => {
    const now = measured.find((each) => each.part === part);
    const text = now ? formatPart(now) : kept.get(part);
    return text === undefined ? [] : [`${begin(part)}\n${text}\n${end(part)}`];
  });
  return `${[TITLE, INTRODUCTION, ...parts].join('\n\n')}\n`;
}

function begin(part: Part): string {
  return `<!-- begin ${part} -->`;
}

function end(part: Part): string {
  return `<!-- end ${part} -->`;
}

function splitParts(text: string): ReadonlyMap<Part, string> {
  const found = new Map<Part, string>();
  for (const part of PARTS) {
    const from = text.indexOf(begin(part));
    const to = text.indexOf(end(part));
    if (from >= 0 && to > from) found.set(part, text.slice(from + begin(part).length, to).trim());
  }
  return found;
}

/** Pure: formats a part for the report and for the terminal. */
export function formatPart({ section, circumstances }: MeasuredPart): string {
  const { date, commit, kernel, cpus, load, quick } = circumstances;
  const how = quick ? 'A **quick** run: a look, not a measurement. ' : '';
  return [
    `## ${section.title}`,
    `${how}${date}, commit ${commit}, Linux ${kernel}, ${cpus}, load at the start ${load}.`,
    section.markdown,
  ].join('\n\n');
}
