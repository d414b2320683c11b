// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Progress } from '../progress.ts';
import { detectEngine, type Engine, readFileIfThere } from './detect.ts';

/** Podman and what it needs for privileged containers and a network, without recommended packages. */
const podmanPackages = ['podman', 'conmon', 'netavark', 'aardvark-dns', 'iptables', 'crun', 'runc'];

export const noEngine =
  'No container engine answers. Install Docker (https://docs.docker.com/engine/install) or Podman, start it, ' +
  'and check with `docker info` or (as root) `podman info`. As root on Debian or Ubuntu, Podman is installed for you.';

export async function ensureEngine(progress: Progress): Promise<Engine> {
  const found = await progress.step('Container engine', detectEngine);
  const engine = found ?? (await installPodman(progress));
  // kind mounts this folder into its nodes, but small machines do not have it.
  if (isRoot()) mkdirSync('/lib/modules', { recursive: true });
  return engine;
}

async function installPodman(progress: Progress): Promise<Engine> {
  if (!isRoot() || !isDebianLike(readFileIfThere('/etc/os-release'))) throw new Error(noEngine);
  await installPackages(progress, 'no container engine answers', podmanPackages);
  const engine = await progress.step('Container engine', detectEngine);
  if (!engine) throw new Error(`Podman was installed and does not answer. ${noEngine}`);
  return engine;
}

/**
 * Installs packages, after a line that says which and why. It is the only change that the tools make to the machine.
 */
export async function installPackages(
  progress: Progress,
  why: string,
  packages: readonly string[],
): Promise<void> {
  progress.say(`Installing ${packages.join(' ')} by apt (${why}).`);
  await progress.step(`Install ${packages[0]}`, async (shell) => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    // Another installation may be running; wait for its end.
    const patience = ['-o', 'DPkg::Lock::Timeout=600'];
    await shell.run('apt-get', [...patience, 'update'], { env });
    await shell.run('apt-get', [...patience, 'install', '-y', '--no-install-recommends', ...packages], {
      env,
    });
  });
}

export function isRoot(): boolean {
  return userInfo().uid === 0;
}

export function isDebianLike(osRelease: string): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(osRelease);
}

export function mayInstallPackages(): boolean {
  return isRoot() && isDebianLike(readFileIfThere('/etc/os-release'));
}
