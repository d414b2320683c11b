// SPDX-License-Identifier: Apache-2.0
import type { Progress } from '../progress.ts';
import type { Outcome, Shell } from '../shell.ts';
import type { Engine } from './detect.ts';
import { imageId } from './images.ts';

/** An empty image, so every engine can make it without a registry. */
const emptyImage = 'localhost/heddle/empty:1';
const emptyTar = '\0'.repeat(1024);

/**
 * Fails at once, with one line, when the engine answers but cannot start privileged containers, which nodes are.
 * Without this check, the failure comes after everything is built. The container has no program: an engine that looks
 * for one has started the container.
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

/** Pure: exit code 127 means that the engine found no program in the container, so it had started the container. */
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
