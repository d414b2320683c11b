// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { buildAll } from '../../tools/build/build.ts';
import { ensureSystemTools } from '../../tools/build/setup.ts';
import { artifactsFolder, prepareCluster } from '../../tools/suite/cluster.ts';
import { addResults, closingLine, type SuiteResult } from '../../tools/suite/report.ts';
import { runVitest } from '../../tools/suite/vitest.ts';
import { measureFailover } from './failover.ts';
import { judgeFailover, renderFailover } from './table.ts';

const usage = 'Usage: npm run test:soak [-- --cluster heddle-test] [--runs 30]';

/**
 * Runs what takes too long for `npm test`, in at most 20 minutes. First come the parts that mostly wait, in parallel;
 * then, while nothing else runs, the measurement of how long failures are felt.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      cluster: { type: 'string', default: 'heddle-test' },
      runs: { type: 'string', default: '30' },
    },
  });
  await ensureSystemTools('build', 'kernel');
  await buildAll();
  const soak = { HEDDLE_SOAK: '1' };
  const onCluster = {
    ...soak,
    ...(await prepareCluster(values.cluster)),
    HEDDLE_ARTIFACTS: artifactsFolder(),
    HEDDLE_TEST_OWN_CLUSTER: '1',
  };
  const results: SuiteResult[] = await Promise.all([
    runVitest({ project: 'kernel', files: ['test/kernel/resilience/agents.test.ts'], env: soak }),
    runVitest({ project: 'cluster', files: ['test/cluster/resilience/away.test.ts'], env: onCluster }),
  ]);
  const rows = await measureFailover({
    runs: Number(values.runs),
    progress: (text) => console.log(text),
  });
  console.log(renderFailover(rows));
  results.push(judgeFailover(rows));
  const sum = addResults(results);
  for (const { name, reason } of sum.skipped) console.log(`skipped: ${name} (${reason})`);
  for (const failure of sum.failures) console.log(`failed: ${failure}`);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
