// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine/detect.ts';
import { imageId, saveImages } from './engine/images.ts';
import {
  describeConfig,
  describeLayers,
  type ExportedImage,
  type LoadPlan,
  type NodeContent,
  parseNodeContent,
  planLoad,
  renderIndex,
  renderManifest,
  type SavedImage,
} from './oci.ts';
import { cacheDirectory, removeOld } from './paths.ts';
import type { Shell } from './shell.ts';
import { cacheKey } from './versions.ts';

/**
 * Loads images into the nodes that lack them, and only the layers that they lack: when the base is there, a changed
 * program is a few megabytes. (`kind load image-archive` sends everything each time.) Returns the names of the images
 * that changed on any node.
 */
export async function loadIntoNodes(
  shell: Shell,
  engine: Engine,
  nodes: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  const ids = new Map(
    await Promise.all(names.map(async (name) => [name, await imageId(engine, name)] as const)),
  );
  const unknown = names.filter((name) => !ids.get(name));
  if (unknown.length > 0) throw new Error(`The engine does not have ${unknown.join(', ')}: build it first.`);
  const contents = await Promise.all(nodes.map((node) => readContent(shell, engine, node)));
  const digests = readDigests();
  const known = (name: string): string | undefined => digests[ids.get(name) ?? ''];
  const wanted = names.filter((name) =>
    contents.some(({ images }) => !known(name) || images.get(name) !== known(name)),
  );
  if (wanted.length === 0) return [];
  return withWorkDirectory(async (work) => {
    const exported = await exportImages(shell, engine, wanted, work);
    const plans = contents.map((content) => planLoad(exported, content));
    const archives = await packAll(shell, plans, work);
    await Promise.all(nodes.map((node, index) => importArchive(shell, engine, node, archives[index])));
    rememberDigests(Object.fromEntries(exported.map(({ name, digest }) => [ids.get(name), digest])));
    return [...new Set(plans.flatMap(({ images }) => images.map(({ name }) => name)))].sort();
  });
}

async function withWorkDirectory<T>(use: (work: string) => Promise<T>): Promise<T> {
  const parent = join(cacheDirectory(), 'loads');
  mkdirSync(parent, { recursive: true });
  removeOld(parent, 3_600_000); // What killed runs left.
  const work = mkdtempSync(join(parent, 'load-'));
  try {
    return await use(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Digests on nodes by the engine's image id. They are saved, so that an image need not be exported for the comparison.
 */
type Digests = Readonly<Record<string, string>>;

const digestsFile = (): string => join(cacheDirectory(), 'image-digests.json');

function readDigests(): Digests {
  try {
    return JSON.parse(readFileSync(digestsFile(), 'utf8')) as Digests;
  } catch {
    return {}; // It only saves time.
  }
}

function rememberDigests(more: Digests): void {
  const entries = Object.entries({ ...readDigests(), ...more }).slice(-200);
  const file = `${digestsFile()}.${process.pid}`;
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  renameSync(file, digestsFile());
}

/** Writes the images as blobs of an OCI layout. */
async function exportImages(
  shell: Shell,
  engine: Engine,
  names: readonly string[],
  work: string,
): Promise<ExportedImage[]> {
  mkdirSync(join(work, 'blobs/sha256'), { recursive: true });
  const saved = await saveImages(shell, engine, names, work);
  return saved.flatMap((image) => exportImage(image, work));
}

function exportImage(image: SavedImage, work: string): ExportedImage[] {
  const config = readFileSync(join(work, image.Config), 'utf8');
  const configBlob = describeConfig(writeBlob(work, config), Buffer.byteLength(config));
  const saved = image.Layers.map((path) => ({ path, size: statSync(join(work, path)).size }));
  const layers = describeLayers(config, saved);
  layers.forEach((layer, index) => {
    const blob = blobPath(work, layer.digest);
    // Images share layers, and in older archives these are links.
    if (!existsSync(blob)) linkSync(realpathSync(join(work, saved[index]?.path ?? '')), blob);
  });
  const manifest = renderManifest({ config: configBlob, layers });
  const digest = writeBlob(work, manifest);
  const blobs = [configBlob, ...layers].map((blob) => blob.digest);
  return image.RepoTags.map((name) => ({ name, digest, size: Buffer.byteLength(manifest), blobs }));
}

function blobPath(work: string, digest: string): string {
  return join(work, 'blobs', digest.replace(':', '/'));
}

function writeBlob(work: string, text: string): string {
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  writeFileSync(blobPath(work, digest), text);
  return digest;
}

const ctr = ['ctr', '--namespace=k8s.io'];

async function readContent(shell: Shell, engine: Engine, node: string): Promise<NodeContent> {
  const list = (...args: string[]): Promise<string> =>
    shell.run(engine.kind, ['exec', node, ...ctr, ...args], { env: engine.env });
  return parseNodeContent(...(await Promise.all([list('images', 'ls'), list('content', 'ls', '-q')])));
}

/** Packs an archive for each set of missing blobs. Most nodes lack the same, so there are fewer archives than nodes. */
async function packAll(
  shell: Shell,
  plans: readonly LoadPlan[],
  work: string,
): Promise<(string | undefined)[]> {
  const archives = plans.map((plan) =>
    plan.images.length > 0 ? join(work, cacheKey(JSON.stringify(plan))) : undefined,
  );
  for (const [index, archive] of archives.entries()) {
    const plan = plans[index];
    if (plan && archive && !existsSync(archive)) await pack(shell, plan, work, archive);
  }
  return archives;
}

/** Writes an archive with exactly the blobs of the plan; the node has all others. */
async function pack(shell: Shell, plan: LoadPlan, work: string, archive: string): Promise<void> {
  const layout = `${archive}.layout`;
  mkdirSync(layout);
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), renderIndex(plan.images));
  const blobs = plan.blobs.map((digest) => `blobs/${digest.replace(':', '/')}`);
  const files = ['-C', layout, 'oci-layout', 'index.json', '-C', work, ...blobs];
  await shell.run('tar', ['-cf', archive, ...files]);
}

async function importArchive(
  shell: Shell,
  engine: Engine,
  node: string,
  archive: string | undefined,
): Promise<void> {
  if (!archive) return;
  const importing = ['exec', '-i', node, ...ctr, 'images', 'import', '--all-platforms', '-'];
  await shell.run(engine.kind, importing, { env: engine.env, input: createReadStream(archive) });
}
