// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findMissing } from '../../support/needs.ts';

const execute = promisify(execFile);

/** The Node that the project pins, whichever Node runs the tests. */
export const NODE = join(import.meta.dirname, '../../../node_modules/.bin/node');

/** Runs a program to its end; returns its output. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(program, [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Why these tests cannot run here; undefined when they can. */
export function missingForBed(): string | undefined {
  return findMissing(['ip', 'nft', 'python3', 'conntrack', 'ulogd']);
}
