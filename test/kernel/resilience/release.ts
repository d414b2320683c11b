import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileBpf } from '../../build/bpf.ts';
import { renderLayout } from '../../build/layout.ts';
import { repository } from '../../kind/paths.ts';
import type { Release } from '../world/world.ts';

/** What of the repository an agent of a test world is made of. */
const PARTS = ['package.json', 'agent', 'operator', 'test/kernel/world'];
const HEADER = 'agent/bpf/maps.h';
const LAYOUT = 'agent/render/generated/layout.ts';

export interface OtherRelease extends Release {
  remove(): Promise<void>;
}

/**
 * The next release: this checkout, where one struct of the maps has a field more. Its codecs are generated from its own
 * object, as a release's are.
 */
export async function makeRelease(struct: string, field: string): Promise<OtherRelease> {
  const tree = await mkdtemp(join(tmpdir(), 'heddle-release-'));
  for (const part of PARTS) await cp(join(repository, part), join(tree, part), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(tree, 'node_modules'));
  const header = join(tree, HEADER);
  await writeFile(header, addField(await readFile(header, 'utf8'), struct, field));
  await compileBpf(tree, join(tree, 'dist'));
  const objectFile = join(tree, 'dist/heddle.bpf.o');
  await writeFile(join(tree, LAYOUT), await renderLayout(objectFile, header));
  return { tree, objectFile, remove: () => rm(tree, { recursive: true, force: true }) };
}

function addField(header: string, struct: string, field: string): string {
  const start = `struct ${struct} {\n`;
  const end = '\n};';
  const at = header.indexOf(end, header.indexOf(start));
  if (!header.includes(start) || at < 0) throw new Error(`${HEADER} has no struct ${struct}`);
  return `${header.slice(0, at)}\n\t${field};${header.slice(at)}`;
}
