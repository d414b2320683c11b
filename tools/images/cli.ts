// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../kind/paths.ts';
import { createProgress, formatSeconds } from '../kind/progress.ts';
import { makeImages } from './images.ts';
import { type ImagesOptions, parseOptions, usage } from './options.ts';

async function main(options: ImagesOptions): Promise<void> {
  const started = performance.now();
  const manifest = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  const made = await makeImages(options, manifest.version, createProgress('images'));
  for (const [component, digest] of Object.entries(made.digests)) {
    console.log(`${options.registry}/${component}:${made.tag}@${digest}`);
  }
  console.log(`SBOMs: ${made.sboms}`);
  console.log(`Values of the chart: ${made.values} (${formatSeconds(performance.now() - started)})`);
}

function readOptions(): ImagesOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(usage);
    return undefined;
  }
}

const options = readOptions();
if (!options) {
  process.exitCode = 2;
} else {
  try {
    await main(options);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
