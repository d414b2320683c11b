// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../build/files.ts';
import { parseImports } from './imports.ts';
import { outside, rooms } from './rooms.ts';

/** Packages that are run, not imported. */
const programs: readonly string[] = ['@biomejs/biome', 'node', 'typescript'];

export interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The files that import a package: one of the product, and one of tools, benchmark and tests. */
export interface Importers {
  readonly product?: string;
  readonly outside?: string;
}

/**
 * Pure: finds faults in the dependencies of `package.json`. What the product imports must be in `dependencies`, and
 * what only tools, benchmark and tests import in `devDependencies`. All must be pinned exactly, and none may be unused.
 */
export function findMisplaced(
  { dependencies = {}, devDependencies = {} }: Manifest,
  used: ReadonlyMap<string, Importers>,
): readonly string[] {
  const problems: string[] = [];
  for (const [name, { product, outside }] of used) {
    if (product !== undefined && !(name in dependencies))
      problems.push(`dependencies: ${name} is missing, ${product} imports it`);
    else if (!(name in dependencies || name in devDependencies))
      problems.push(`devDependencies: ${name} is missing, ${outside} imports it`);
  }
  for (const name of Object.keys(dependencies)) {
    if (used.get(name)?.product === undefined)
      problems.push(`dependencies: no part of the product imports ${name}`);
    if (name in devDependencies) problems.push(`devDependencies: ${name} is in dependencies already`);
  }
  for (const name of Object.keys(devDependencies)) {
    const subject = name.replace('@types/', '');
    if (!used.has(subject) && !programs.includes(subject))
      problems.push(`devDependencies: nobody imports or runs ${name}`);
  }
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      problems.push(`${name}: "${version}" is not pinned to one version`);
  return problems;
}

/** Pure: the package of an imported module; undefined for our own modules and Node's. */
export function packageOf(module: string): string | undefined {
  if (module.startsWith('.') || module.startsWith('node:')) return undefined;
  return module.split('/', module.startsWith('@') ? 2 : 1).join('/');
}

/** Compares `package.json` with the imports of every source file. */
export function checkDependencies(root: string): readonly string[] {
  const product = new Set(rooms.map(({ folder }) => folder.split('/')[0]!));
  const files = [...product, ...outside].flatMap((folder) =>
    listFiles(join(root, folder)).map((file) => join(folder, file)),
  );
  const used = new Map<string, Importers>();
  for (const file of [...files, 'vitest.config.ts'].filter((each) => each.endsWith('.ts'))) {
    const side = product.has(file.split('/')[0]!) ? 'product' : 'outside';
    for (const { module } of parseImports(readFileSync(join(root, file), 'utf8'))) {
      const name = packageOf(module);
      if (name !== undefined) used.set(name, { [side]: file, ...used.get(name) });
    }
  }
  if (used.size === 0) throw new Error('no import was found: the check of dependencies looks at nothing');
  return findMisplaced(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest, used);
}
