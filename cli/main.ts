#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
import process from 'node:process';
import { systemClock } from '../kube/base/clock.ts';
import { UsageError } from '../kube/base/flags.ts';
import { type Cluster, openCluster } from './cluster.ts';
import { Complaint } from './complaint.ts';
import { drops } from './drops/drops.ts';
import { COMMON_HELP, parseCommand, splitVerb } from './options.ts';
import { choosePaint } from './print/paint.ts';
import { status } from './status/status.ts';
import { trace } from './trace/trace.ts';
import type { Verb } from './verb.ts';
import { version } from './version/version.ts';
import { vpn } from './vpn/vpn.ts';

const VERBS: readonly Verb[] = [status, trace, drops, vpn, version];

const USAGE = `kubectl heddle: see what Heddle does

Usage: kubectl heddle [flags] VERB [flags]

${VERBS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}\n`).join('')}
"kubectl heddle VERB --help" lists the flags of a verb.
`;

/** The only place of the program that reads arguments and environment. Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { verb: name, rest } = splitVerb(args);
  if (name === undefined || name === 'help') {
    // Unknown flags are refused, also without a verb.
    if (name === undefined) parseCommand(rest, {});
    process.stdout.write(USAGE);
    return 0;
  }
  const verb = VERBS.find((each) => each.name === name);
  if (!verb) {
    const names = VERBS.map((each) => each.name).join(', ');
    throw new UsageError(`"${name}" is not a verb: it is one of ${names}`);
  }
  const parsed = parseCommand(rest, verb.flags, verb.takesWords);
  if (parsed.kind === 'Help') {
    process.stdout.write(`${verb.help}\nFlags:\n${COMMON_HELP}`);
    return 0;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  let cluster: Cluster | undefined;
  try {
    return await verb.run({
      get cluster() {
        cluster ??= openCluster(parsed.common);
        return cluster;
      },
      common: parsed.common,
      flags: parsed.flags,
      words: parsed.words,
      clock: systemClock,
      paint: choosePaint(process.stdout.isTTY, process.env),
      terminal: process.stdout.isTTY,
      signal: stop.signal,
      write: (text) => process.stdout.write(text),
    });
  } finally {
    cluster?.close();
  }
}

// A reader that needs no more lines (`| head`) closes the pipe; this is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

function fail(error: unknown): number {
  if (!(error instanceof UsageError || error instanceof Complaint)) throw error;
  process.stderr.write(`kubectl heddle: ${error.message}\n`);
  return 2;
}

// The single executable is a CommonJS module, which cannot use await at its top level.
void main(process.argv.slice(2))
  .catch(fail)
  .then((code) => {
    process.exitCode = code;
  });
