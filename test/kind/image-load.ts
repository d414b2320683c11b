import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Engine } from './engine/detect.ts';
import {
  describeConfig,
  describeLayers,
  type ExportedImage,
  type LoadPlan,
  parseNodeContent,
  planLoad,
  renderIndex,
  renderManifest,
  type SavedImage,
} from './oci.ts';
import { cacheDirectory } from './paths.ts';
import type { Shell } from './shell.ts';

/**
 * Gives nodes the images that they lack, and of these only the layers that they lack: with the base there, a
 * changed program is a few megabytes. (`kind load image-archive` sends everything, each time.)
 */
export async function loadIntoNodes(
  shell: Shell,
  engine: Engine,
  nodes: readonly string[],
  names: readonly string[],
): Promise<string[]> {
  mkdirSync(cacheDirectory(), { recursive: true });
  const work = mkdtempSync(join(cacheDirectory(), 'load-'));
  try {
    const exported = await exportImages(shell, engine, names, work);
    const loaded = await Promise.all(nodes.map((node) => loadIntoNode(shell, engine, node, exported, work)));
    return [...new Set(loaded.flat())].sort();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Writes the images as blobs of an OCI layout. */
async function exportImages(
  shell: Shell,
  engine: Engine,
  names: readonly string[],
  work: string,
): Promise<ExportedImage[]> {
  const archive = join(work, 'saved.tar');
  const multiple = engine.kind === 'podman' ? ['--multi-image-archive'] : [];
  await shell.run(engine.kind, ['save', ...multiple, '-o', archive, ...names], { env: engine.env });
  await shell.run('tar', ['-C', work, '-xf', archive]);
  rmSync(archive);
  mkdirSync(join(work, 'blobs/sha256'), { recursive: true });
  const saved = JSON.parse(readFileSync(join(work, 'manifest.json'), 'utf8')) as SavedImage[];
  return saved.flatMap((image) => exportImage(image, work));
}

function exportImage(image: SavedImage, work: string): ExportedImage[] {
  const config = readFileSync(join(work, image.Config), 'utf8');
  const configBlob = describeConfig(writeBlob(work, config), Buffer.byteLength(config));
  const saved = image.Layers.map((path) => ({ path, size: statSync(join(work, path)).size }));
  const layers = describeLayers(config, saved);
  layers.forEach((layer, index) => {
    const blob = blobPath(work, layer.digest);
    // Images share layers, and an old archive has links for them.
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

async function loadIntoNode(
  shell: Shell,
  engine: Engine,
  node: string,
  exported: readonly ExportedImage[],
  work: string,
): Promise<string[]> {
  const ctr = ['ctr', '--namespace=k8s.io'];
  const exec = (args: readonly string[], input?: Readable): Promise<string> =>
    shell.run(engine.kind, ['exec', ...(input ? ['-i'] : []), node, ...ctr, ...args], {
      env: engine.env,
      ...(input ? { input } : {}),
    });
  const [images, content] = await Promise.all([exec(['images', 'ls']), exec(['content', 'ls', '-q'])]);
  const plan = planLoad(exported, parseNodeContent(images, content));
  if (plan.images.length === 0) return [];
  const archive = await pack(shell, plan, work, node);
  await exec(['images', 'import', '--all-platforms', '-'], createReadStream(archive));
  return plan.images.map(({ name }) => name);
}

/** An archive of exactly the plan; what it refers to besides is on the node. */
async function pack(shell: Shell, plan: LoadPlan, work: string, node: string): Promise<string> {
  const layout = join(work, node);
  mkdirSync(layout);
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(layout, 'index.json'), renderIndex(plan.images));
  const archive = join(work, `${node}.tar`);
  const blobs = plan.blobs.map((digest) => `blobs/${digest.replace(':', '/')}`);
  const files = ['-C', layout, 'oci-layout', 'index.json', '-C', work, ...blobs];
  await shell.run('tar', ['-cf', archive, ...files]);
  return archive;
}
