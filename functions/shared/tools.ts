// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A tool said no, in its own words. Arguments never hold keys, so neither do the words. */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
}

/** The kernel's own tools, in this namespace. */
export interface Tools {
  /** Runs `ip`, `wg`, `conntrack`, ... and answers what it wrote. */
  run(program: string, args: readonly string[]): Promise<string>;
  /**
   * Runs it with texts in files, which are gone afterwards: keys go to the tools so, never in arguments or environment,
   * which everybody may read. `args` gets the path of each file.
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

/** How a tool is run, where that is not as most are. */
export interface ToolOptions {
  readonly longestMs?: number;
  readonly mostOutput?: number;
  /** The error to be thrown, of what the tool wrote to its standard error and of how it ended. */
  readonly complain?: (stderr: string, ended: string) => ToolError;
}

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 64 * 1024 * 1024;
const MOST_CHARACTERS = 400;

/** Runs a program, be it by another one (`ip netns exec NAME nft`), and answers what it wrote. */
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

/** Writes texts to files that only we may read, for as long as the work takes. */
export async function withFiles<T>(
  texts: readonly string[],
  work: (paths: readonly string[]) => Promise<T>,
): Promise<T> {
  // mkdtemp makes it readable for us alone. /tmp of the pod is its own.
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
