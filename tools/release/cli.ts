// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sha256Of } from '../build/archive.ts';
import { buildAll, dist } from '../build/build.ts';
import { checks } from '../check/checks.ts';
import { repository } from '../kind/paths.ts';
import { createProgress, type Progress } from '../kind/progress.ts';
import { createShell } from '../kind/shell.ts';
import { ensureTools } from '../kind/tools.ts';
import { commitTime, packFiles } from './archive.ts';
import { type Architecture, architectures, buildBinary } from './binary.ts';
import { type KrewArchive, renderKrewManifest } from './krew.ts';
import { versionFault, withReleasedChanges, withVersion } from './version.ts';

const usage = `Usage: npm run release -- X.Y.Z [--output DIR] [--downloads URL] [--values-images FILE]

First writes the version to where it stands (package.json, the chart, the changelog): commit that, and run it again. Then
makes the files of the release in DIR (dist/release/X.Y.Z): the chart, kubectl-heddle for two machines, a krew manifest,
and checksums of them all.

  --downloads URL        where people will download the files; for the krew manifest
  --values-images FILE   what "npm run images" wrote: the chart's values with the digests of the images`;

const DOWNLOADS = 'https://heddle.dev/releases';

interface Options {
  readonly version: string;
  readonly output: string;
  readonly downloads: string;
  readonly valuesImages: string | undefined;
}

async function main(): Promise<number> {
  const options = readOptions();
  const progress = createProgress('release');
  const written = await progress.step(`Write version ${options.version}`, () =>
    writeVersion(options.version),
  );
  if (written.length > 0) {
    progress.say(`Written: ${written.join(', ')}. Read and commit that, then run this again.`);
    return 0;
  }
  const { stdout } = await createShell().attempt('git', ['status', '--porcelain'], { cwd: repository });
  if (stdout !== '') {
    console.error(
      `There are changes that no commit has:\n${stdout}\nA release is made from a commit: commit or remove them.`,
    );
    return 1;
  }
  const { helm } = await ensureTools(progress);
  if (!(await passesChecks(progress, helm))) return 1;
  const files = await makeFiles(options, progress, helm);
  console.log(`\n${files.map((file) => join(options.output, file)).join('\n')}`);
  console.log(
    `\nNext: git tag v${options.version}, push the tag and the images, upload these files to ${options.downloads}/v${options.version}.`,
  );
  return 0;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      output: { type: 'string' },
      downloads: { type: 'string', default: DOWNLOADS },
      'values-images': { type: 'string' },
    },
  });
  const [version = '', ...more] = positionals;
  if (more.length > 0) throw new Error(`one version at a time; too much: ${more.join(' ')}`);
  const fault = versionFault(version);
  if (fault) throw new Error(fault);
  const valuesImages = values['values-images'];
  if (valuesImages !== undefined && !existsSync(valuesImages)) {
    throw new Error(`--values-images: there is no file ${valuesImages}`);
  }
  return {
    version,
    output: resolve(values.output ?? join(dist, 'release', version)),
    downloads: values.downloads.replace(/\/$/, ''),
    valuesImages,
  };
}

/** Writes the version into the files that people maintain; returns the files that changed. Generated files follow. */
async function writeVersion(version: string): Promise<readonly string[]> {
  const today = new Date().toISOString().slice(0, 10);
  const edits: Readonly<Record<string, (text: string) => string>> = {
    'package.json': (text) => withVersion(text, version),
    'package-lock.json': (text) => withVersion(text, version),
    'CHANGELOG.md': (text) => withReleasedChanges(text, version, today),
  };
  const changed = Object.entries(edits).filter(([file, edit]) => {
    const path = join(repository, file);
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after !== before) writeFileSync(path, after);
    return after !== before;
  });
  if (changed.length === 0) return [];
  await createShell().run(process.execPath, ['tools/generate/cli.ts'], { cwd: repository });
  return [...changed.map(([file]) => file), 'and what is generated from them'];
}

async function passesChecks(progress: Progress, helm: string): Promise<boolean> {
  for (const check of checks({ root: repository, helm })) {
    const outcome = await progress.step(`Check: ${check.name}`, () => check.run());
    if (outcome.kind === 'passed') continue;
    console.error(outcome.kind === 'failed' ? outcome.output : outcome.reason);
    return false;
  }
  return true;
}

async function makeFiles(options: Options, progress: Progress, helm: string): Promise<readonly string[]> {
  const { version, output, downloads, valuesImages } = options;
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  await progress.step('Build the programs', () => buildAll());
  await progress.step('Package the chart', (shell) =>
    shell.run(helm, ['package', join(repository, 'charts/heddle'), '--destination', output]),
  );
  const archives: KrewArchive[] = [];
  for (const arch of Object.keys(architectures) as Architecture[]) {
    archives.push(
      await progress.step(`kubectl-heddle for ${arch}`, (shell) => packBinary(shell, options, arch)),
    );
  }
  const manifest = renderKrewManifest({ version, downloads: `${downloads}/v${version}`, archives });
  writeFileSync(join(output, 'krew-heddle.yaml'), manifest);
  copyFileSync(join(dist, 'kubectl-heddle.mjs'), join(output, `kubectl-heddle-${version}.mjs`));
  if (valuesImages) copyFileSync(valuesImages, join(output, 'values-images.yaml'));
  const files = [
    `heddle-${version}.tgz`,
    ...archives.map(({ file }) => file),
    `kubectl-heddle-${version}.mjs`,
    'krew-heddle.yaml',
    ...(valuesImages ? ['values-images.yaml'] : []),
  ];
  const sums = await Promise.all(
    files.map(async (file) => `${await sha256Of(join(output, file))}  ${file}\n`),
  );
  writeFileSync(join(output, 'SHA256SUMS'), sums.join(''));
  return [...files, 'SHA256SUMS'];
}

async function packBinary(
  shell: Parameters<typeof buildBinary>[0],
  { version, output }: Options,
  arch: Architecture,
): Promise<KrewArchive> {
  const folder = join(output, `build-${arch}`);
  const binary = await buildBinary(shell, folder, arch);
  const staged = join(folder, 'staged');
  mkdirSync(staged);
  copyFileSync(binary, join(staged, 'kubectl-heddle'));
  copyFileSync(join(repository, 'LICENSE'), join(staged, 'LICENSE'));
  const archive = join(output, `kubectl-heddle-${version}-linux-${arch}.tar.gz`);
  const time = await commitTime(shell, repository);
  await packFiles(shell, { archive, folder: staged, files: ['LICENSE', 'kubectl-heddle'], time });
  rmSync(folder, { recursive: true });
  return { arch, file: basename(archive), sha256: await sha256Of(archive) };
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
