import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A tool of the kernel said no, in its own words. Arguments never hold keys, so neither do the words. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** The kernel's own tools, in this namespace. */
export interface Tools {
  /** Runs `ip`, `nft` or `wg` and answers what it wrote. */
  run(program: 'ip' | 'nft' | 'wg', args: readonly string[]): Promise<string>;
  /**
   * The same with texts in files, which are gone afterwards: keys go to the tools so, never in arguments or environment,
   * which everybody may read. `args` gets the path of each file.
   */
  runWith(
    program: 'ip' | 'nft' | 'wg',
    texts: readonly string[],
    args: (paths: readonly string[]) => readonly string[],
  ): Promise<string>;
}

const LONGEST_MS = 30_000;
const MOST_OUTPUT = 64 * 1024 * 1024;
const MOST_CHARACTERS = 400;

export function createTools(): Tools {
  return { run, runWith };
}

async function runWith(
  program: 'ip' | 'nft' | 'wg',
  texts: readonly string[],
  args: (paths: readonly string[]) => readonly string[],
): Promise<string> {
  // mkdtemp makes it readable for us alone. /tmp of the pod is its own.
  const folder = await mkdtemp(join(tmpdir(), 'heddle-vpn-'));
  try {
    const paths = texts.map((_, index) => join(folder, String(index)));
    await Promise.all(texts.map((text, index) => writeFile(paths[index]!, text, { mode: 0o600 })));
    return await run(program, args(paths));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(program: 'ip' | 'nft' | 'wg', args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: MOST_OUTPUT, timeout: LONGEST_MS, env: { PATH: process.env.PATH } };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error)
        reject(new ToolError(`${program}: ${complaintOf(stderr) || String(error.code ?? error.signal)}`));
      else resolve(stdout);
    });
  });
}

function complaintOf(stderr: string): string {
  return stderr
    .trim()
    .replaceAll(/\s*\n\s*/g, '; ')
    .slice(0, MOST_CHARACTERS);
}
