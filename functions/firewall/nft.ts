import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** nft's own words on what it refused, without the pages of rules around them. */
export class NftError extends Error {}

/** Runs commands as one transaction: all of them, or none. */
export async function runTransaction(commands: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-nft-'));
  try {
    const file = join(folder, 'transaction.nft');
    await writeFile(file, commands);
    await nft(['-f', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs nft and answers what it wrote. */
export function nft(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('nft', args, { maxBuffer: MOST_OUTPUT, timeout: LONGEST_MS }, (error, stdout, stderr) => {
      if (error) reject(new NftError(summarize(stderr) || error.message));
      else resolve(stdout);
    });
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
