// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An error message of a tool, in the tool's own words. It contains no keys, because arguments never do. */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
}

/** The kernel's command-line tools, in this namespace. */
export interface Tools {
  /** Runs `ip`, `wg`, `conntrack`, ... and returns the output. */
  run(program: string, args: readonly string[]): Promise<string>;
  /**
   * Runs a program with texts in temporary files, which are removed afterwards. Keys are passed only in this way, since
   * every process can read arguments and environments. `args` gets the path of each file.
   */
  runWith(
    program: string,
    texts: readonly string[],
    args: (paths: readonly string[]) => readonly string[],
  ): Promise<string>;
}

export function createTools(): Tools {
  return {
    run: (program, args) => runTool([program], args),
    runWith: (program, texts, args) => withFiles(texts, (paths) => runTool([program], args(paths))),
  };
}

/** Options of a tool that needs other values than most. */
export interface ToolOptions {
  readonly longestMs?: number;
  readonly mostOutput?: number;
  /** Makes the error to throw, from the standard error of the tool and from how it ended. */
  readonly complain?: (stderr: string, ended: string) => ToolError;
}

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 64 * 1024 * 1024;
const MOST_CHARACTERS = 400;

/** Runs a program, directly or through another one (`ip netns exec NAME nft`), and returns its output. */
export function runTool(
  [program, ...first]: readonly [string, ...string[]],
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const { longestMs = LONGEST_MS, mostOutput = MOST_OUTPUT, complain = complaintOf(program) } = options;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...first, ...args],
      { maxBuffer: mostOutput, timeout: longestMs, env: { PATH: process.env.PATH } },
      (error, stdout, stderr) => {
        if (error) reject(complain(stderr, String(error.code ?? error.signal)));
        else resolve(stdout);
      },
    );
  });
}

/** Writes texts to files that only this user can read, and removes them when the work is done. */
export async function withFiles<T>(
  texts: readonly string[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  // mkdtemp makes the folder readable for this user only. The pod has a /tmp of its own.
  const folder = await mkdtemp(join(tmpdir(), 'heddle-'));
  try {
    const paths = texts.map((_, index) => join(folder, String(index)));
    await Promise.all(texts.map((text, index) => writeFile(paths[index]!, text, { mode: 0o600 })));
    return await work(paths);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function complaintOf(program: string): (stderr: string, ended: string) => ToolError {
  return (stderr, ended) => {
    const said = stderr
      .trim()
      .replaceAll(/\s*\n\s*/g, '; ')
      .slice(0, MOST_CHARACTERS);
    return new ToolError(`${program}: ${said || ended}`);
  };
}
