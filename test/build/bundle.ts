import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundles, externalPackages } from './artifacts.ts';
import { listFiles, writeIfChanged } from './files.ts';

// Some dependencies are CommonJS and call require() for Node's own modules, which ESM does not have.
const banner = `import { createRequire as heddleCreateRequire } from 'node:module';
const require = heddleCreateRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** Bundles each program into one file of `dist/`; returns the files that it wrote. */
export async function bundlePrograms(root: string, dist: string): Promise<readonly string[]> {
  const present = bundles.filter((bundle) => existsSync(join(root, bundle.entry)));
  const written = await Promise.all(
    present.map(async ({ entry, output }) => {
      const result = await build({
        absWorkingDir: root,
        entryPoints: [entry],
        bundle: true,
        write: false,
        platform: 'node',
        format: 'esm',
        target: 'node24',
        external: ['koffi'],
        banner: { js: banner },
        legalComments: 'none',
        logLevel: 'warning',
      });
      const [file] = result.outputFiles;
      return file && writeIfChanged(join(dist, output), file.contents) ? [output] : [];
    }),
  );
  return written.flat();
}

/** Copies what stays outside the bundles into `dist/node_modules`, where Node looks for it. */
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
