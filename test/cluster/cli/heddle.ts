// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import { readTarget } from '../../../tools/cluster/kubectl.ts';

const program = join(import.meta.dirname, '../../../dist/kubectl-heddle.mjs');

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program that users install, in its own process; returns its exit code and output. */
export async function heddle(args: readonly string[], kubeconfig = readTarget().kubeconfig): Promise<Said> {
  const result = await execa(program, args, {
    reject: false,
    timeout: 60_000,
    stdin: 'ignore',
    env: { KUBECONFIG: kubeconfig },
  });
  return { code: result.exitCode ?? 255, stdout: result.stdout, stderr: result.stderr };
}

/** Runs the program with JSON output; returns the parsed output and the exit code. */
export async function heddleJson<T>(args: readonly string[]): Promise<T & { readonly code: number }> {
  const { code, stdout, stderr } = await heddle([...args, '-o', 'json']);
  if (stdout === '') throw new Error(`kubectl heddle ${args.join(' ')}: exit ${code}\n${stderr}`);
  return { ...(JSON.parse(stdout) as T), code };
}

/** Watches drops until it is interrupted, as by Ctrl-C; then returns the exit code. */
export function watchDrops() {
  const args = ['drops', '--watch', '--interval', '0.5', '-o', 'json'];
  const child = execa(program, args, {
    reject: false,
    timeout: 60_000,
    env: { KUBECONFIG: readTarget().kubeconfig },
  });
  let text = '';
  child.stdout.on('data', (data) => {
    text += String(data);
  });
  return {
    lines: () => text.split('\n').filter((line) => line !== ''),
    interrupt: async () => {
      child.kill('SIGINT');
      return (await child).exitCode;
    },
  };
}
