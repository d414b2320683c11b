// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, fork } from 'node:child_process';
import { execa } from 'execa';
import { removeNamespace } from '../tools/netns/remove.ts';
import { onExit } from './leave.ts';

/** A message of a process that measures inside a network namespace to the process that started it. */
export type InsideMessage<Outcome> =
  | { readonly kind: 'Progress'; readonly line: string }
  | { readonly kind: 'Outcome'; readonly outcome: Outcome }
  | { readonly kind: 'Failed'; readonly error: string };

/**
 * Makes network namespaces for the time of some work. At the end, all processes in them are killed, since only the
 * benchmark starts processes there.
 */
export async function withNamespaces<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
  const remove = async (): Promise<void> => {
    for (const name of names) await removeNamespace(name);
  };
  using _leaving = onExit(remove);
  try {
    for (const name of names) {
      await execa('ip', ['netns', 'add', name]);
      await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    }
    return await work();
  } finally {
    await remove();
  }
}

/**
 * Runs a script inside a network namespace and returns its outcome. The script also has its own mount namespace, so a
 * BPF file system that it mounts ends with it.
 */
export function runInside<Outcome>(options: {
  readonly script: string;
  readonly netns: string;
  readonly args: readonly string[];
  /** Options of Node. */
  readonly flags?: readonly string[];
  progress(line: string): void;
}): Promise<Outcome> {
  const { script, netns, args, flags = [], progress } = options;
  const child = fork(script, [...args], {
    execPath: 'ip',
    execArgv: ['netns', 'exec', netns, process.execPath, ...flags],
  });
  return outcomeOf(child, progress);
}

function outcomeOf<Outcome>(child: ChildProcess, progress: (line: string) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let end: Exclude<InsideMessage<Outcome>, { kind: 'Progress' }> | undefined;
    child.on('message', (message: InsideMessage<Outcome>) => {
      if (message.kind === 'Progress') progress(message.line);
      else end = message;
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (end?.kind === 'Outcome') resolve(end.outcome);
      else reject(new Error(end?.error ?? `the process of the benchmark ended (${code})`));
    });
  });
}
