// SPDX-License-Identifier: Apache-2.0
import { chmodSync, copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages, mayInstallPackages } from './engine/install.ts';
import { findCommand } from './find.ts';
import type { Progress } from './progress.ts';
import { createShell, type Shell } from './shell.ts';
import { compareVersions, parseVersion, type Version } from './versions.ts';

export interface Go {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What to do with the Go that was found. Since 1.21, Go fetches a newer toolchain itself, as a Go module. */
export function planGo(found: Version | undefined, needed: Version): 'use' | 'fetch-toolchain' | 'install' {
  if (!found) return 'install';
  return compareVersions(found, [1, 21, 0]) >= 0 || compareVersions(found, needed) >= 0
    ? 'use'
    : 'fetch-toolchain';
}

const env = { GOTOOLCHAIN: 'auto', GOWORK: 'off', GOFLAGS: '-mod=readonly' };

export async function ensureGo(progress: Progress, needed: string): Promise<Go> {
  const wanted = parseVersion(needed) ?? [1, 0, 0];
  let found = await goOfPath();
  if (planGo(found?.version, wanted) === 'install') {
    if (!mayInstallPackages()) {
      throw new Error(
        `Building from source needs Go (1.21 or newer) on the PATH: install it from your system.`,
      );
    }
    await installPackages(progress, 'to build Kubernetes from source', ['golang-go']);
    found = await goOfPath();
  }
  if (!found) throw new Error('Go was installed and is not on the PATH.');
  if (planGo(found.version, wanted) === 'use') return { command: found.command, env };
  const old = found.command;
  const command = await progress.step(`Go ${needed}`, (shell) => fetchToolchain(shell, old, needed));
  return { command, env };
}

async function goOfPath(): Promise<{ command: string; version: Version | undefined } | undefined> {
  const command = findCommand('go');
  if (!command) return undefined;
  const reply = await createShell().attempt(command, ['version'], { env: { GOTOOLCHAIN: 'local' } });
  return { command, version: parseVersion(reply.stdout) };
}

/**
 * Fetches a toolchain as `go` does since 1.21: toolchains are modules, whose zips lack two things that must be
 * restored.
 */
async function fetchToolchain(shell: Shell, oldGo: string, needed: string): Promise<string> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const module = `golang.org/toolchain@v0.0.1-go${needed}.linux-${architecture}`;
  const reply = await shell.run(oldGo, ['mod', 'download', '-json', module], { cwd: '/' });
  const directory = (JSON.parse(reply) as { Dir: string }).Dir;
  const tools = join(directory, 'pkg/tool', `linux_${architecture}`);
  for (const folder of [join(directory, 'bin'), tools]) {
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o755);
  }
  const goMod = join(directory, 'src/go.mod');
  if (!existsSync(goMod)) {
    chmodSync(join(directory, 'src'), 0o755);
    copyFileSync(join(directory, 'src/_go.mod'), goMod);
  }
  return join(directory, 'bin/go');
}
