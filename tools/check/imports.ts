// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { listFiles } from '../build/files.ts';
import { findCircles } from './circles.ts';
import { outside, type Room, rooms } from './rooms.ts';

/** Packages that only one folder may import, because they call native code. */
const exclusive: Readonly<Record<string, string>> = { koffi: 'agent/kernel' };

/** Modules that pure code may import besides ours: for computation, without I/O. */
const pureModules: ReadonlySet<string> = new Set(['node:crypto', 'node:util', 'node:assert']);
const impure =
  /\b(Date\.now\(|new Date\(\)|Math\.random\(|process\.|performance\.now\(|setTimeout\(|setInterval\()/;

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g;

export interface Import {
  readonly module: string;
  readonly typeOnly: boolean;
}

/** Pure: the modules that a source file imports. */
export function parseImports(source: string): readonly Import[] {
  return [...source.matchAll(importPattern)].map((match) => ({
    module: match[2] ?? match[3] ?? match[4] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

/** Pure: what is wrong with the imports of one file, given as a path from the root of the repository. */
export function findViolations(file: string, source: string): readonly string[] {
  const room = roomOf(file);
  if (!room) return [`${file}: its folder is not a room of tools/check/rooms.ts`];
  const problems = parseImports(source).flatMap((found) => violation(file, room, found) ?? []);
  const clock = room.pure ? impure.exec(stripComments(source)) : null;
  return clock ? [...problems, `${file}: pure code uses ${clock[1]}: take it as an argument`] : problems;
}

function violation(file: string, room: Room, found: Import): string | undefined {
  const { module, typeOnly } = found;
  if (module.startsWith('.')) {
    const target = normalize(join(dirname(file), module));
    const allowed = [room.folder, ...room.imports, ...(typeOnly ? (room.types ?? []) : [])];
    if (allowed.some((folder) => isBelow(target, folder))) return undefined;
    return `${file}: ${room.folder} may not import ${target} (only ${room.imports.join(', ') || 'itself'})`;
  }
  const owner = exclusive[module];
  if (owner && !isBelow(file, owner)) return `${file}: only ${owner} may import ${module}`;
  if (room.pure && !typeOnly && !pureModules.has(module))
    return `${file}: pure code may not import ${module}`;
  return undefined;
}

/** The room of a file: the most specific entry counts, so `operator/compile` before `operator`. */
function roomOf(file: string): Room | undefined {
  return rooms
    .filter((room) => isBelow(file, room.folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function stripComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|(^|[^:])\/\/.*/g, '$1');
}

const includePattern = /^\s*#include\s+"([^"]+)"/gm;

/** Pure: our own files that a source file imports, as paths from the root of the repository. */
export function importedFiles(file: string, source: string): readonly string[] {
  const names = file.endsWith('.ts')
    ? parseImports(source).map(({ module }) => module)
    : [...source.matchAll(includePattern)].map((match) => `./${match[1]}`);
  return names.filter((name) => name.startsWith('.')).map((name) => normalize(join(dirname(file), name)));
}

/** Checks all source files: imports of the product against the table of rooms, and circles of imports everywhere. */
export function checkImports(root: string): readonly string[] {
  const product = [...new Set(rooms.map(({ folder }) => folder.split('/')[0]!))];
  const sources = new Map(
    [...product, ...outside].flatMap((folder) =>
      listFiles(join(root, folder))
        .map((file) => join(folder, file))
        .filter((file) => /\.(ts|c|h)$/.test(file))
        .map((file) => [file, readFileSync(join(root, file), 'utf8')] as const),
    ),
  );
  if (sources.size === 0) throw new Error('no source file was found: the check of imports looks at nothing');
  const violations = [...sources].flatMap(([file, source]) =>
    file.endsWith('.ts') && product.includes(file.split('/')[0]!) ? findViolations(file, source) : [],
  );
  const graph = new Map([...sources].map(([file, source]) => [file, importedFiles(file, source)]));
  const circles = findCircles(graph).map((circle) => `a circle of imports: ${circle.join(' > ')}`);
  return [...violations, ...circles];
}
