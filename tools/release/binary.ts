// SPDX-License-Identifier: Apache-2.0
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'postject';
import { cacheDirectory, repository } from '../kind/paths.ts';
import type { Shell } from '../kind/shell.ts';

/** Names of architectures: the key is that of Kubernetes and krew, the value that of Node. */
export const architectures = { amd64: 'x64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof architectures;

/**
 * The marker by which Node finds the program of a single executable; it is the same for all (see Node's documentation).
 */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * The command line as one file that needs no Node: a copy of Node's binary with the program in it (Node's single
 * executable application). The program is a CommonJS bundle, the only kind that Node 24 takes there.
 */
export async function buildBinary(shell: Shell, folder: string, arch: Architecture): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const blob = await makeBlob(shell, folder);
  const binary = join(folder, `kubectl-heddle-linux-${arch}`);
  copyFileSync(await nodeBinary(shell, arch), binary);
  chmodSync(binary, 0o755);
  await inject(binary, 'NODE_SEA_BLOB', readFileSync(blob), { sentinelFuse: FUSE });
  return binary;
}

async function makeBlob(shell: Shell, folder: string): Promise<string> {
  const main = join(folder, 'kubectl-heddle.cjs');
  const output = join(folder, 'kubectl-heddle.blob');
  await build({
    absWorkingDir: repository,
    entryPoints: ['cli/main.ts'],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const config = join(folder, 'sea.json');
  // No code cache and no snapshot, which depend on the machine: the blob is for both architectures.
  writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
  await shell.run(process.execPath, ['--experimental-sea-config', config]);
  for (const file of [main, config]) rmSync(file);
  return output;
}

/**
 * The binary of Node, in the version that runs this, for another architecture: from the npm package that contains it.
 */
async function nodeBinary(shell: Shell, arch: Architecture): Promise<string> {
  const name = `node-linux-${architectures[arch]}`;
  const version = process.version.slice(1);
  const folder = join(cacheDirectory(), 'node', `${name}-${version}`);
  const binary = join(folder, 'package/bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const packed = await shell.run('npm', [
    'pack',
    '--silent',
    '--pack-destination',
    folder,
    `${name}@${version}`,
  ]);
  const archive = join(folder, packed.trim().split('\n').at(-1) ?? '');
  await shell.run('tar', ['-xzf', archive, '-C', folder, 'package/bin/node']);
  rmSync(archive);
  return binary;
}
