// SPDX-License-Identifier: Apache-2.0
import { runTool, ToolError, type ToolOptions, withFiles } from '../tools.ts';

/** An error message of nft, without the many lines of rules that nft prints around it. */
export class NftError extends ToolError {
  override readonly name = 'NftError';
}

/** The kernel's packet filter of one network namespace. */
export interface Nft {
  /** Runs nft and returns its output. */
  run(args: readonly string[]): Promise<string>;
  /** Runs commands as one transaction: all of them, or none. */
  transact(commands: string): Promise<void>;
}

/** Loading a set of 100,000 ranges takes time, and its listing is long. */
const OPTIONS: ToolOptions = {
  longestMs: 120_000,
  mostOutput: 256 * 1024 * 1024,
  complain: (stderr, ended) => new NftError(summarize(stderr) || `nft: ${ended}`),
};

/** Runs nft in this namespace, or by another command: `ip netns exec NAME nft`. */
export function createNft(command: readonly [string, ...string[]] = ['nft']): Nft {
  const run = (args: readonly string[]): Promise<string> => runTool(command, args, OPTIONS);
  return {
    run,
    transact: (commands) => withFiles([commands], async ([file]) => void (await run(['-f', file!]))),
  };
}

const MOST_CHARACTERS = 600;

/** Pure: the first error message of nft, with the line that it is about. */
export function summarize(stderr: string): string {
  const lines = stderr.split('\n');
  const first = lines.findIndex((line) => line.includes('Error:'));
  if (first < 0) return stderr.trim().slice(0, MOST_CHARACTERS);
  const complaint = lines[first]!.replace(/^.*?Error:/, 'nft:');
  const about = (lines[first + 1] ?? '').trim();
  return `${complaint} (${about})`.slice(0, MOST_CHARACTERS);
}
