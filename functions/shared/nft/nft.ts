import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** nft's own words on what it refused, without the pages of rules around them. */
export class NftError extends Error {}

/** The kernel's packet filter of one network namespace. */
export interface Nft {
  /** Runs nft and answers what it wrote. */
  run(args: readonly string[]): Promise<string>;
  /** Runs commands as one transaction: all of them, or none. */
  transact(commands: string): Promise<void>;
}

/** nft of this namespace, or by another command: `ip netns exec NAME nft`. */
export function createNft(command: readonly [string, ...string[]] = ['nft']): Nft {
  const run = (args: readonly string[]): Promise<string> => execute(command, args);
  return { run, transact: (commands) => transact(run, commands) };
}

async function transact(run: Nft['run'], commands: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-nft-'));
  try {
    const file = join(folder, 'transaction.nft');
    await writeFile(file, commands);
    await run(['-f', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function execute(
  [program, ...first]: readonly [string, ...string[]],
  args: readonly string[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...first, ...args],
      { maxBuffer: MOST_OUTPUT, timeout: LONGEST_MS },
      (error, stdout, stderr) => {
        if (error) reject(new NftError(summarize(stderr) || error.message));
        else resolve(stdout);
      },
    );
  });
}

const MOST_OUTPUT = 256 * 1024 * 1024;
const LONGEST_MS = 120_000;
const MOST_CHARACTERS = 600;

/** Pure: the first complaint, and what it is about. */
export function summarize(stderr: string): string {
  const lines = stderr.split('\n');
  const first = lines.findIndex((line) => line.includes('Error:'));
  if (first < 0) return stderr.trim().slice(0, MOST_CHARACTERS);
  const complaint = lines[first]!.replace(/^.*?Error:/, 'nft:');
  const about = (lines[first + 1] ?? '').trim();
  return `${complaint} (${about})`.slice(0, MOST_CHARACTERS);
}
