// SPDX-License-Identifier: Apache-2.0
import type { Survivor } from './report.ts';

/** Why a change that survives needs no test: no input makes the changed code behave differently. */
export interface Judgement {
  /** The text of the line, so that the judgement ends when somebody edits the line. */
  readonly line: string;
  /** The change, as the tool prints it. */
  readonly change: string;
  readonly why: string;
}

/** For each file, its judgements. */
export type Judgements = Readonly<Record<string, readonly Judgement[]>>;

/** Survivors apart from those that are judged equivalent, and the judgements of measured files that match no survivor. */
export interface Judged {
  readonly equivalent: readonly Survivor[];
  readonly survived: readonly Survivor[];
  readonly stale: readonly string[];
}

/** Pure: applies the judgements to the survivors of the measured files. Each judgement is for one survivor. */
export function applyJudgements(options: {
  readonly judgements: Judgements;
  readonly measured: readonly string[];
  readonly survivors: readonly Survivor[];
}): Judged {
  const { judgements, measured, survivors } = options;
  const open = measured.flatMap((file) =>
    (judgements[file] ?? []).map((judgement) => ({ file, ...judgement })),
  );
  const equivalent: Survivor[] = [];
  const survived: Survivor[] = [];
  for (const survivor of survivors) {
    const { file, line, change } = survivor;
    const at = open.findIndex((each) => each.file === file && each.line === line && each.change === change);
    if (at >= 0) open.splice(at, 1);
    (at >= 0 ? equivalent : survived).push(survivor);
  }
  return {
    equivalent,
    survived,
    stale: open.map(({ file, line, change }) => `${file}: ${line}  (${change})`),
  };
}
