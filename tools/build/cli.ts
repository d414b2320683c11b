// SPDX-License-Identifier: Apache-2.0
import { buildAll } from './build.ts';

const started = performance.now();
const changed = await buildAll();
for (const file of changed) console.log(`dist/${file}`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `${changed.length === 0 ? 'dist/ was up to date' : `${changed.length} files written`} (${seconds} s)`,
);
