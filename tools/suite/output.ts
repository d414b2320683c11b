// SPDX-License-Identifier: Apache-2.0
/** Where the lines of a suite go. */
export interface Output {
  /** Adds text in parts of any size; only whole lines are passed on. */
  write(text: string): boolean;
  /** Passes on an unfinished last line. */
  end(): void;
  /** Another output to the same place, for a second process: each has its own unfinished line. */
  beside(): Output;
}

/** Prefixes lines with the suite's name, for suites that run in parallel: only whole lines are interleaved. */
export function createOutput(name: string, sink: (text: string) => void): Output {
  let rest = '';
  const print = (line: string): void => sink(`${name.padEnd(NAME_WIDTH)}| ${line}\n`);
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) print(line);
      return true;
    },
    end() {
      if (rest !== '') print(rest);
      rest = '';
    },
    beside: () => createOutput(name, sink),
  };
}

/** The length of the longest name of a suite, and a space. */
const NAME_WIDTH = 8;
