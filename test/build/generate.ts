import { readFile, writeFile } from 'node:fs/promises';
import { readCrds } from './crds.ts';
import { renderTypes } from './types.ts';

const target = new URL('../../operator/api/generated/types.ts', import.meta.url).pathname;

/** `npm run generate` writes what is generated; with `--check` it only compares, and fails when a file is stale. */
async function main(arguments_: readonly string[]): Promise<number> {
  const wanted = await renderTypes(await readCrds());
  const current = await readFile(target, 'utf8').catch(() => '');
  if (wanted === current) return 0;
  if (arguments_.includes('--check')) {
    console.error('operator/api/generated/types.ts is stale: run `npm run generate` and commit it');
    return 1;
  }
  await writeFile(target, wanted);
  console.log('operator/api/generated/types.ts written');
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
