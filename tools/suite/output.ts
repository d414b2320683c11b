// SPDX-License-Identifier: Apache-2.0
/** Where the lines of a suite go. */
export interface Output {
  /** Text as it comes; only whole lines are passed on. */
  write(text: string): boolean;
  /** Passes on what stands after the last line's end. */
  end(): void;
}

/** Lines with the suite's name before each, for suites that run side by side: whole lines do not mix. */
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
  };
}

/** Of the longest name of a suite, and a space. */
const NAME_WIDTH = 8;
