// SPDX-License-Identifier: Apache-2.0
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Bundle, bundles, externalPackages } from './artifacts.ts';
import { listFiles, writeIfChanged } from './files.ts';
import { packageFolders, packagesPath } from './packages.ts';
import { changedSince, isFresh, stampInputs, writeStamp } from './stamp.ts';

// Some dependencies are CommonJS and call require() for Node's own modules, which ESM does not have.
const banner = `import { createRequire as heddleCreateRequire } from 'node:module';
const require = heddleCreateRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** Bundles each program into one file of `dist/`, if any of its inputs changed; returns the files that it wrote. */
export async function bundlePrograms(root: string, dist: string): Promise<readonly string[]> {
  const present = bundles.filter(({ entry }) => existsSync(join(root, entry)));
  const stale = present.filter(({ output }) => !isFresh(root, join(dist, output)));
  const written = await Promise.all(stale.map((bundle) => bundleProgram(root, dist, bundle)));
  return written.flat();
}

async function bundleProgram(
  root: string,
  dist: string,
  { entry, output, executable }: Bundle,
): Promise<readonly string[]> {
  const started = Date.now();
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['koffi'],
    banner: { js: banner },
    legalComments: 'none',
    logLevel: 'warning',
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`esbuild wrote no output for ${entry}`);
  const changed = writeIfChanged(join(dist, output), file.contents);
  writeIfChanged(packagesPath(join(dist, output)), JSON.stringify(packageFolders(result.metafile.outputs)));
  if (executable) chmodSync(join(dist, output), 0o755);
  // The lock file is an input too: another version of a package may add a file that was not an input before.
  const inputs = [...Object.keys(result.metafile.inputs), 'package-lock.json', 'tools/build/bundle.ts'];
  // A file that changed during the build may be in the output or not, so the next build must run again.
  if (!changedSince(root, inputs, started)) writeStamp(join(dist, output), stampInputs(root, inputs));
  return changed ? [output] : [];
}

/** Files that are shipped with every program; the Dockerfiles copy them. */
const legal = ['LICENSE', 'NOTICE'];

export function copyLegalFiles(root: string, dist: string): readonly string[] {
  return legal.filter((file) => writeIfChanged(join(dist, file), readFileSync(join(root, file))));
}

/** Copies the packages that stay outside the bundles into `dist/node_modules`, where Node looks for them. */
export function copyExternalPackages(root: string, dist: string, arch: string): readonly string[] {
  const written: string[] = [];
  for (const { name, keep } of externalPackages(arch)) {
    const from = join(root, 'node_modules', name);
    const files = listFiles(from).filter((file) => keep.test(file));
    if (files.length === 0) throw new Error(`node_modules/${name} is not installed: run "npm ci"`);
    for (const file of files) {
      const to = join('node_modules', name, file);
      if (writeIfChanged(join(dist, to), readFileSync(join(from, file)))) written.push(to);
    }
  }
  return written;
}
