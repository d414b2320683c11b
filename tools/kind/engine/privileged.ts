// SPDX-License-Identifier: Apache-2.0
import type { Progress } from '../progress.ts';
import type { Outcome, Shell } from '../shell.ts';
import type { Engine } from './detect.ts';
import { imageId } from './images.ts';

/** Nothing is in it, so every engine has it without a registry. */
const emptyImage = 'localhost/heddle/empty:1';
const emptyTar = '\0'.repeat(1024);

/**
 * Fails at once, in one line, where the engine answers and cannot start privileged containers, as nodes are: later it would fail
 * after all has been built. It starts one that has nothing to run; an engine that looks for the program has started it.
 */
export async function ensurePrivileged(progress: Progress, engine: Engine): Promise<void> {
  const problem = await progress.step('Privileged containers', (shell) => findProblem(shell, engine));
  if (problem) throw new Error(problem);
}

async function findProblem(shell: Shell, engine: Engine): Promise<string | undefined> {
  const { env } = engine;
  if ((await imageId(engine, emptyImage)) === undefined) {
    await shell.run(engine.kind, ['import', '-', emptyImage], { env, input: emptyTar });
  }
  const flags = ['--rm', '--privileged', '--network=none'];
  const outcome = await shell.attempt(engine.kind, ['run', ...flags, emptyImage, '/nothing'], { env });
  return judgePrivileged(engine.kind, outcome);
}

/** Pure: 127 is what engines say when a container has no such program: it was started. */
export function judgePrivileged(
  kind: Engine['kind'],
  { ok, reason, stderr }: Pick<Outcome, 'ok' | 'reason' | 'stderr'>,
): string | undefined {
  if (ok || /exit code 127\b/.test(reason)) return undefined;
  const [said] = stderr.split('\n').filter((line) => /oci|caps|permission|not permitted|error/i.test(line));
  const other = kind === 'docker' ? 'podman' : 'docker';
  return (
    `${kind} answers, and cannot run a privileged container, as the nodes of a cluster are (${said?.trim() ?? reason}): ` +
    `run it as root on a machine with every capability, or take the other engine: KIND_EXPERIMENTAL_PROVIDER=${other}`
  );
}
