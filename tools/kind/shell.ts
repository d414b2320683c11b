// SPDX-License-Identifier: Apache-2.0
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Its standard input. */
  readonly input?: string | Readable;
  /** The file for its standard output, which is then neither in the result nor in the log. */
  readonly outputFile?: string;
}

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly reason: string;
}

/** Runs programs; their output goes to the log of the step. */
export interface Shell {
  run(file: string, args: readonly string[], options?: RunOptions): Promise<string>;
  /** Like `run`, but returns a failure instead of throwing it. */
  attempt(file: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  note(line: string): void;
}

/** Creates a shell. Without a log, it is for queries whose output need not be kept. */
export function createShell(log?: Writable): Shell {
  const write = (chunk: string | Buffer): void => {
    if (log && !log.writableEnded) log.write(chunk);
  };
  const attempt = (file: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
    write(`$ ${[file, ...args].join(' ')}\n`);
    return execute(file, args, options, write);
  };
  return {
    attempt,
    note: (line) => write(`${line}\n`),
    async run(file, args, options) {
      const outcome = await attempt(file, args, options);
      if (!outcome.ok) throw new Error(outcome.reason);
      return outcome.stdout;
    },
  };
}

async function execute(
  file: string,
  args: readonly string[],
  options: RunOptions,
  log: (chunk: Buffer) => void,
): Promise<Outcome> {
  const child = execa(file, args, {
    reject: false,
    stripFinalNewline: true,
    env: { ...options.env },
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.timeoutMs ? { timeout: options.timeoutMs, forceKillAfterDelay: 1000 } : {}),
    ...(typeof options.input === 'string'
      ? { input: options.input }
      : { stdin: options.input ? ('pipe' as const) : ('ignore' as const) }),
    stdout: options.outputFile ? { file: options.outputFile } : 'pipe',
  });
  child.stderr?.on('data', log);
  if (!options.outputFile) child.stdout?.on('data', log);
  if (typeof options.input === 'object' && child.stdin) {
    child.stdin.on('error', () => {}); // EPIPE: the program's own exit says what happened.
    options.input.pipe(child.stdin);
  }
  const result = await child;
  return {
    ok: !result.failed,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    reason: result.failed ? (result.shortMessage ?? 'failed') : '',
  };
}
