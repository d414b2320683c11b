// SPDX-License-Identifier: Apache-2.0
/** The part of the mutation testing report schema that we read, https://github.com/stryker-mutator/mutation-testing-elements. */
export interface MutationReport {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly mutants: readonly {
          readonly status: string;
          readonly mutatorName: string;
          readonly replacement?: string;
          readonly location: { readonly start: { readonly line: number; readonly column: number } };
        }[];
      }
    >
  >;
}

/** How many small changes of a file its tests notice. */
export interface FileScore {
  readonly mutants: number;
  readonly survived: number;
}

export type Scores = Readonly<Record<string, FileScore>>;

export interface Survivor {
  readonly place: string;
  readonly change: string;
}

const ALIVE: ReadonlySet<string> = new Set(['Survived', 'NoCoverage']);
/** States of mutants that do not count, because they could not be tested. */
const UNTRIED: ReadonlySet<string> = new Set(['CompileError', 'RuntimeError', 'Ignored', 'Pending']);

/** Pure: the score of each file. */
export function scoreFiles(report: MutationReport): Scores {
  return Object.fromEntries(
    Object.entries(report.files)
      .map(([file, { mutants }]) => {
        const tried = mutants.filter(({ status }) => !UNTRIED.has(status));
        const survived = tried.filter(({ status }) => ALIVE.has(status)).length;
        return [file, { mutants: tried.length, survived }] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Pure: the changes that made no test fail. */
export function listSurvivors(report: MutationReport): readonly Survivor[] {
  return Object.entries(report.files).flatMap(([file, { mutants }]) =>
    mutants
      .filter(({ status }) => ALIVE.has(status))
      .map(({ location, mutatorName, replacement = '' }) => ({
        place: `${file}:${location.start.line}:${location.start.column}`,
        change: `${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 80)}`,
      })),
  );
}

/** Pure: files with more undetected changes than the repository records. */
export function findRegressions(known: Scores, now: Scores): readonly string[] {
  return Object.entries(now).flatMap(([file, { survived }]) => {
    const before = known[file]?.survived;
    if (before === undefined) return [`${file}: not in tools/mutants/scores.json; write it with --write`];
    return survived > before ? [`${file}: ${survived} changes survive, ${before} did`] : [];
  });
}
