// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileBpf } from '../build/bpf.ts';
import { dist } from '../build/build.ts';
import { bundlePrograms } from '../build/bundle.ts';
import { allOutputs, bundledPackages, copiedPackages } from '../build/npm-package.ts';
import { ensureSystemTools } from '../build/setup.ts';
import { repository } from '../kind/paths.ts';
import { renderChartReadme } from './chart-readme.ts';
import { renderContext } from './context.ts';
import { readCrds } from './crds.ts';
import { renderLayout } from './layout.ts';
import { renderNotice } from './notice.ts';
import { renderRoomsPage } from './rooms.ts';
import { renderTypes } from './types.ts';
import { renderChartVersion, renderVersion } from './version.ts';

interface GeneratedFile {
  readonly path: string;
  render(): Promise<string>;
}

/** All generated files, and the inputs of each. */
const generated: readonly GeneratedFile[] = [
  {
    path: 'api/generated/types.ts',
    render: async () => renderTypes(await readCrds()),
  },
  {
    path: 'api/generated/version.ts',
    render: () => renderVersion(join(repository, 'package.json')),
  },
  {
    path: 'charts/heddle/Chart.yaml',
    render: () =>
      renderChartVersion(join(repository, 'package.json'), join(repository, 'charts/heddle/Chart.yaml')),
  },
  {
    path: 'charts/heddle/README.md',
    render: () =>
      renderChartReadme(
        join(repository, 'charts/heddle/README.md'),
        join(repository, 'charts/heddle/values.yaml'),
      ),
  },
  {
    path: 'docs/architecture.md',
    render: () => renderRoomsPage(join(repository, 'docs/architecture.md')),
  },
  {
    path: 'api/context/generated/context.ts',
    render: async () => renderContext(await readFile(join(repository, 'agent/bpf/maps.h'), 'utf8')),
  },
  {
    path: 'agent/render/generated/layout.ts',
    render: async () => {
      await ensureSystemTools('build', 'kernel');
      await compileBpf(repository, dist);
      return renderLayout(join(dist, 'heddle.bpf.o'), join(repository, 'agent/bpf/maps.h'));
    },
  },
  {
    // It comes after everything that the programs consist of.
    path: 'NOTICE',
    render: async () => {
      await bundlePrograms(repository, dist);
      return renderNotice({
        bundled: bundledPackages(repository, dist, allOutputs),
        // The npm packages with koffi's binaries are listed as one package, since they have one licence.
        copied: copiedPackages(repository, process.arch).filter(({ name }) => name === 'koffi'),
        nodeVersion: await installedNode(),
      });
    },
  },
];

async function installedNode(): Promise<string> {
  const manifest = await readFile(join(repository, 'node_modules/node/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** `npm run generate` writes what is generated; with `--check` it only compares, and fails when a file is stale. */
async function main(arguments_: readonly string[]): Promise<number> {
  let stale = 0;
  for (const { path, render } of generated) {
    const file = join(repository, path);
    const wanted = await render();
    if (wanted === (await readFile(file, 'utf8').catch(() => ''))) continue;
    if (arguments_.includes('--check')) {
      console.error(`${path} is stale: run \`npm run generate\` and commit it`);
      stale += 1;
    } else {
      await writeFile(file, wanted);
      console.log(`${path} written`);
    }
  }
  return stale === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
