// SPDX-License-Identifier: Apache-2.0
/** The part of the mutation testing report schema that we read, https://github.com/stryker-mutator/mutation-testing-elements. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

interface Mutant {
  readonly status: string;
  readonly replacement?: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

/** Line and column, both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** How many small changes of a file its tests notice. */
export interface FileScore {
  readonly mutants: number;
  /** Survivors that `equivalent.json` judges not to change what the code does. */
  readonly equivalent: number;
  /** All other survivors. */
  readonly survived: number;
}

export type Scores = Readonly<Record<string, FileScore>>;

/** A change that no test notices. */
export interface Survivor {
  readonly file: string;
  /** `LINE:COLUMN` */
  readonly place: string;
  /** The text of the line, without the space around it. */
  readonly line: string;
  /** `BEFORE -> AFTER`, cut when long. */
  readonly change: string;
}

const ALIVE: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);
/** States of mutants that do not count, because they could not be tested. */
const UNTRIED: ReadonlySet<string> = new Set(['CompileError', 'RuntimeError', 'Ignored', 'Pending']);

/** Pure: the score of each file. */
export function scoreFiles(report: MutationReport, equivalent: readonly Survivor[]): Scores {
  return Object.fromEntries(
    Object.entries(report.files)
      .map(([file, { mutants }]) => {
        const tried = mutants.filter(({ status }) => !UNTRIED.has(status));
        const alive = tried.filter(({ status }) => ALIVE.has(status)).length;
        const judged = equivalent.filter((survivor) => survivor.file === file).length;
        return [file, { mutants: tried.length, equivalent: judged, survived: alive - judged }] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Pure: the changes that made no test fail, in the order of the sources. */
export function listSurvivors(report: MutationReport): readonly Survivor[] {
  return Object.entries(report.files).flatMap(([file, { source, mutants }]) => {
    const lines = source.split('\n');
    return mutants
      .filter(({ status }) => ALIVE.has(status))
      .map(({ location: { start, end }, replacement = '' }) => ({
        file,
        place: `${start.line}:${start.column}`,
        line: lines[start.line - 1]!.trim(),
        change: describeChange(textBetween(lines, start, end), replacement),
      }));
  });
}

/** Pure: the places of survivors, in the form of Stryker, whose columns begin with 0. */
export function rangesOfSurvivors(report: MutationReport): readonly string[] {
  const at = ({ line, column }: Position) => `${line}:${column - 1}`;
  const ranges = Object.entries(report.files).flatMap(([file, { mutants }]) =>
    mutants
      .filter(({ status }) => ALIVE.has(status))
      .map(({ location: { start, end } }) => `${file}:${at(start)}-${at(end)}`),
  );
  return [...new Set(ranges)];
}

/** Pure: a report with the results of a later run, which tried some of its changes again. */
export function mergeReports(before: MutationReport, later: MutationReport): MutationReport {
  const files = Object.entries(before.files).map(([file, { source, mutants }]) => {
    const again = later.files[file];
    if (again && again.source !== source) throw new Error(`${file} has changed: measure the whole file`);
    const results = new Map((again?.mutants ?? []).map((mutant) => [identify(mutant), mutant]));
    return [file, { source, mutants: mutants.map((mutant) => latest(mutant, results)) }] as const;
  });
  return { files: Object.fromEntries(files) };
}

function latest(mutant: Mutant, results: ReadonlyMap<string, Mutant>): Mutant {
  const result = results.get(identify(mutant));
  return result && !UNTRIED.has(result.status) ? result : mutant;
}

function identify({ location: { start, end }, replacement }: Mutant): string {
  return [start.line, start.column, end.line, end.column, replacement].join();
}

function textBetween(lines: readonly string[], start: Position, end: Position): string {
  const text = lines.slice(start.line - 1, end.line);
  text[text.length - 1] = text.at(-1)!.slice(0, end.column - 1);
  text[0] = text[0]!.slice(start.column - 1);
  return text.join('\n');
}

/** The change in one short line. Of long texts, what is the same at the start is left out. */
function describeChange(before: string, after: string): string {
  const [a, b] = [before, after].map((text) => text.replaceAll(/\s+/g, ' ')) as [string, string];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const from = Math.max(a.length, b.length) > WIDTH ? Math.max(0, same - CONTEXT) : 0;
  return `${excerpt(a, from)} -> ${excerpt(b, from)}`;
}

const WIDTH = 60;
const CONTEXT = 20;

function excerpt(text: string, from: number): string {
  const part = text.slice(from);
  return `${from > 0 ? '…' : ''}${part.length > WIDTH ? `${part.slice(0, WIDTH)}…` : part}`;
}

/** Pure: files with more undetected changes than the repository records. */
export function findRegressions(known: Scores, now: Scores): readonly string[] {
  return Object.entries(now).flatMap(([file, { survived }]) => {
    const before = known[file]?.survived;
    if (before === undefined) return [`${file}: not in tools/mutants/scores.json; write it with --write`];
    return survived > before ? [`${file}: ${survived} changes survive, ${before} did`] : [];
  });
}

/** Pure: a line for each file. */
export function summarize(scores: Scores): readonly string[] {
  return Object.entries(scores).map(([file, { mutants, equivalent, survived }]) => {
    const noticed = mutants - equivalent - survived;
    return `${file}: ${mutants} changes, ${noticed} noticed, ${equivalent} equivalent, ${survived} survived`;
  });
}
