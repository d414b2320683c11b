// SPDX-License-Identifier: Apache-2.0
import { repository } from '../kind/paths.ts';
import { checks, findHelm } from './checks.ts';

let failed = false;
for (const check of checks({ root: repository, helm: await findHelm() })) {
  const started = performance.now();
  const outcome = await check.run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  switch (outcome.kind) {
    case 'passed':
      console.log(`ok       ${check.name} (${seconds} s)`);
      break;
    case 'skipped':
      console.log(`skipped  ${check.name}: ${outcome.reason}`);
      break;
    case 'failed':
      failed = true;
      console.log(`FAILED   ${check.name} (${seconds} s)\n${outcome.output.trimEnd()}`);
  }
}
process.exitCode = failed ? 1 : 0;
