// SPDX-License-Identifier: Apache-2.0
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { cacheDirectory, removeOld } from './paths.ts';
import { createShell, type Shell } from './shell.ts';

/** The output of progress; on a terminal the line of a step is drawn repeatedly. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface Timing {
  readonly title: string;
  readonly seconds: number;
}

/** Runs the stages of a command one after another, each with its own log and its elapsed time. */
export interface Progress {
  step<T>(title: string, work: (shell: Shell) => Promise<T>): Promise<T>;
  /** Prints a line for the user, outside any step. */
  say(line: string): void;
  readonly timings: readonly Timing[];
}

/** The error of a failed step. Its message has the end of the log, so a caller only prints it. */
export class StepError extends Error {}

export function formatSeconds(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

export function tail(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

export function failureMessage(title: string, reason: string, log: string, path: string): string {
  const end = tail(log, 25)
    .split('\n')
    .map((line) => `  | ${line}`)
    .join('\n');
  return `${title}: failed\n${end}\n${reason}\nThe whole log: ${path}`;
}

export function createProgress(name: string, out: Terminal = process.stderr): Progress {
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const logs = join(cacheDirectory(), 'logs');
  removeOld(logs, 7 * 24 * 3_600_000);
  const directory = join(logs, `${stamp}-${name}-${process.pid}`);
  const timings: Timing[] = [];
  const say = (line: string): void => void out.write(`${line}\n`);

  async function step<T>(title: string, work: (shell: Shell) => Promise<T>): Promise<T> {
    mkdirSync(directory, { recursive: true });
    const path = join(
      directory,
      `${timings.length}-${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.log`,
    );
    const log = createWriteStream(path);
    const started = performance.now();
    const elapsed = (): string => formatSeconds(performance.now() - started);
    const ticker = out.isTTY ? startTicker(out, title, elapsed) : undefined;
    try {
      const result = await work(createShell(log));
      ticker?.clear();
      say(`${title}: ${elapsed()}`);
      return result;
    } catch (error) {
      ticker?.clear();
      if (error instanceof StepError) throw error;
      log.end();
      await finished(log);
      const reason = error instanceof Error ? error.message : String(error);
      throw new StepError(failureMessage(title, reason, readFileSync(path, 'utf8'), path), { cause: error });
    } finally {
      log.end();
      timings.push({ title, seconds: Math.round(performance.now() - started) / 1000 });
    }
  }
  return { step, say, timings };
}

interface Ticker {
  clear(): void;
}

function startTicker(out: Terminal, title: string, elapsed: () => string): Ticker {
  const draw = (): void => void out.write(`\r\x1b[K${title} ... ${elapsed()}`);
  draw();
  const timer = setInterval(draw, 200);
  timer.unref();
  return {
    clear() {
      clearInterval(timer);
      out.write('\r\x1b[K');
    },
  };
}
