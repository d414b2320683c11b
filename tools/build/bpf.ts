// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { type BpfObject, bpfObjects } from './artifacts.ts';
import { hashFiles, listFiles } from './files.ts';
import { ensureSystemTools, triplet } from './setup.ts';

const flags = ['-O2', '-g', '-target', 'bpf', '-Wall', '-Werror'];

/** Compiles the data path. An object whose sources did not change is left as it is. */
export async function compileBpf(root: string, dist: string): Promise<readonly string[]> {
  const written: string[] = [];
  for (const object of bpfObjects) {
    if (existsSync(join(root, object.source)) && (await compile(root, dist, object)))
      written.push(object.output);
  }
  return written;
}

async function compile(root: string, dist: string, object: BpfObject): Promise<boolean> {
  await ensureSystemTools('build');
  const folder = join(root, object.folder);
  const sources = listFiles(folder).filter((file) => /\.[ch]$/.test(file));
  const hash = hashFiles(folder, sources, ...flags, 'file-prefix-map');
  const output = join(dist, object.output);
  const stamp = `${output}.inputs`;
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  mkdirSync(dist, { recursive: true });
  // The object is the same to the byte, whatever the path of the checkout.
  const args = [
    ...flags,
    `-ffile-prefix-map=${root}=.`,
    ...includePaths(),
    '-c',
    object.source,
    '-o',
    output,
  ];
  await execa('clang', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(stamp, hash);
  return true;
}

/** Debian keeps `asm/types.h` in a folder that clang only searches for the machine's own target. */
function includePaths(): readonly string[] {
  const path = `/usr/include/${triplet}`;
  return existsSync(path) ? [`-I${path}`] : [];
}
