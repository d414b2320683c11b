// SPDX-License-Identifier: Apache-2.0
import { hostname } from 'node:os';
import process from 'node:process';
import { UsageError } from '../kube/base/flags.ts';
import { runCleanup } from './cleanup/main.ts';
import { type OperatorOptions, parseOptions } from './options.ts';
import { runOperator, StartError } from './run.ts';

/** The entry point, and the only place of the operator that reads flags and environment. */
async function main(): Promise<number> {
  const { argv, env, pid } = process;
  if (argv[2] === 'cleanup') return cleanUp(argv.slice(3));
  const parsed = parseOptions({ args: argv.slice(2), env, hostname: hostname(), pid });
  switch (parsed.kind) {
    case 'Help':
      process.stdout.write(parsed.text);
      return 0;
    case 'Wrong':
      process.stderr.write(`heddle operator: ${parsed.message}\n`);
      return 2;
    case 'Options':
      return runUntilSignal(parsed.options);
  }
}

async function cleanUp(args: readonly string[]): Promise<number> {
  try {
    return await runCleanup(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`heddle operator cleanup: ${error.message}\n`);
    return 2;
  }
}

async function runUntilSignal(options: OperatorOptions): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort(name));
  try {
    return await runOperator(options, stop.signal);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`heddle operator: ${error.message}\n`);
    return 2;
  }
}

process.exit(await main());
