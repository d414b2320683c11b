// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere } from '../kind/engine/detect.ts';
import { isDebianLike } from '../kind/engine/install.ts';
import { findCommand } from '../kind/find.ts';
import { withLock } from '../kind/lock.ts';
import { cacheDirectory } from '../kind/paths.ts';
import { createProgress, type Progress } from '../kind/progress.ts';
import type { Shell } from '../kind/shell.ts';

const names = ['prometheus', 'promtool'] as const;

/** The paths of Prometheus' programs. */
export type PrometheusPrograms = Readonly<Record<(typeof names)[number], string>>;

const folder = (): string => join(cacheDirectory(), 'prometheus');

/** Why there is no Prometheus here and none can be had; undefined if there is or can be one. */
export function missingPrometheus(): string | undefined {
  if (find() || isDebianLike(readFileIfThere('/etc/os-release'))) return undefined;
  return 'prometheus and promtool are not in the PATH, and this is no Debian whose package has them';
}

/**
 * Finds Prometheus in the PATH, or takes it out of the distribution's package. The package is not installed: that would
 * start a service.
 */
export async function ensurePrometheus(
  progress: Progress = createProgress('prometheus'),
): Promise<PrometheusPrograms> {
  const found = find();
  if (found) return found;
  // Not the lock of builds: they may take many minutes.
  const wait = () => progress.say('Waiting for another run that fetches Prometheus ...');
  await withLock('prometheus', wait, async () => {
    if (!find()) await progress.step('Fetch Prometheus', fetchPackage);
  });
  return find()!;
}

function find(): PrometheusPrograms | undefined {
  const [prometheus, promtool] = names.map((name) => {
    const ours = join(folder(), 'usr/bin', name);
    return findCommand(name) ?? (existsSync(ours) ? ours : undefined);
  });
  return prometheus && promtool ? { prometheus, promtool } : undefined;
}

async function fetchPackage(shell: Shell): Promise<void> {
  const partial = `${folder()}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // A list of packages of its own, since another installation may hold the lock of the machine's.
  const lists = join(partial, 'lists');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  const options = [
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${partial}`,
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  await shell.run('apt-get', [...options, 'update']);
  await shell.run('apt-get', [...options, 'download', 'prometheus'], { cwd: partial });
  const archive = readdirSync(partial).find((file) => file.endsWith('.deb'));
  if (!archive) throw new Error('apt-get download brought no package "prometheus"');
  await shell.run('dpkg-deb', ['-x', join(partial, archive), join(partial, 'root')]);
  rmSync(folder(), { recursive: true, force: true });
  renameSync(join(partial, 'root'), folder());
  rmSync(partial, { recursive: true, force: true });
}
