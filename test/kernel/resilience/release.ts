// SPDX-License-Identifier: Apache-2.0
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBpf } from '../../../tools/build/bpf.ts';
import { renderContext } from '../../../tools/generate/context.ts';
import { renderLayout } from '../../../tools/generate/layout.ts';
import { repository } from '../../../tools/kind/paths.ts';
import type { Release } from '../world/world.ts';

/** The parts of the repository that an agent of a test world needs. */
const PARTS = ['package.json', 'api', 'kube', 'agent', 'test/kernel/world'];
const HEADER = 'agent/bpf/maps.h';
const CONTEXT = 'api/context/generated/context.ts';
const LAYOUT = 'agent/render/generated/layout.ts';

export interface OtherRelease extends Release {
  remove(): Promise<void>;
}

/**
 * Makes a next release: this checkout with another `maps.h`. Its codecs are generated from its own object, as in a real
 * release.
 */
export async function makeRelease(edit: (header: string) => string): Promise<OtherRelease> {
  const tree = await mkdtemp(join(tmpdir(), 'heddle-release-'));
  for (const part of PARTS) await cp(join(repository, part), join(tree, part), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
  const header = join(tree, HEADER);
  await writeFile(header, edit(await readFile(header, 'utf8')));
  await compileBpf(tree, join(tree, 'dist'));
  const objectFile = join(tree, 'dist/heddle.bpf.o');
  await writeFile(join(tree, CONTEXT), renderContext(await readFile(header, 'utf8')));
  await writeFile(join(tree, LAYOUT), await renderLayout(objectFile, header));
  return { tree, objectFile, remove: () => rm(tree, { recursive: true, force: true }) };
}

/** An edit that fails when it does not find its text. */
export function replaceInHeader(text: string, by: string): (header: string) => string {
  return (header) => {
    if (!header.includes(text)) throw new Error(`${HEADER} has no ${text}`);
    return header.replaceAll(text, by);
  };
}

/** An edit that gives a struct one more field at its end. */
export function addField(struct: string, field: string): (header: string) => string {
  return (header) => {
    const start = `struct ${struct} {\n`;
    const end = '\n};';
    const at = header.indexOf(end, header.indexOf(start));
    if (!header.includes(start) || at < 0) throw new Error(`${HEADER} has no struct ${struct}`);
    return `${header.slice(0, at)}\n\t${field};${header.slice(at)}`;
  };
}
