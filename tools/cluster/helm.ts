// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import { repository } from '../kind/paths.ts';
import { readTarget } from './kubectl.ts';

export const chartFolder = join(repository, 'charts/heddle');
export const release = 'heddle';

/** Runs helm in the release's namespace; a failure is an error with helm's output. */
export async function helm(args: readonly string[]): Promise<string> {
  const target = readTarget();
  const result = await execa(target.helm, ['--namespace', target.system, ...args], {
    reject: false,
    env: { KUBECONFIG: target.kubeconfig },
  });
  if (result.exitCode !== 0) throw new Error(`helm ${args.join(' ')}:\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}
