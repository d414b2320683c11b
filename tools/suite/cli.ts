// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { planLanes, runLanes } from './lanes.ts';
import { createMachine } from './machine.ts';
import { addResults, closingLine, slowestLines } from './report.ts';
import { isSuite, suites, suitesWithFiles } from './suites.ts';

const usage = `Usage: npm test [-- FILTER...]             all suites: ${suites.join(', ')}
       npm run test:unit|test:fuzz|test:kernel|test:cluster [-- FILTER...]
       npm run test:kubernetes [-- FILTER...]       kernel tests with an API server, on that of the oldest Kubernetes
       ... -- FILTER -t NAME                        only tests whose names match this pattern
       npm run test:cluster -- --kubeconfig FILE   on any cluster that has the chart installed
       npm run test:cluster -- --cluster NAME      on a local cluster of another name than heddle-test`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kubeconfig: { type: 'string' },
      cluster: { type: 'string', default: 'heddle-test' },
      'oldest-kubernetes': { type: 'boolean', default: false },
      testNamePattern: { type: 'string', short: 't' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [first = ''] = positionals;
  const named = isSuite(first) ? [first] : suites;
  const filters = isSuite(first) ? positionals.slice(1) : positionals;
  const { kubeconfig, cluster, testNamePattern: testName } = values;
  const chosen = suitesWithFiles(named, filters);
  // All processes of the run share this seed; vitest.config.ts prints it.
  process.env.HEDDLE_SEED ||= String(randomInt(2 ** 31));
  const signal = interruptible();
  const oldestKubernetes = values['oldest-kubernetes'];
  const options = { filters, testName, kubeconfig, cluster, oldestKubernetes };
  const sum = addResults(await runLanes(planLanes(chosen), { options, machine: createMachine(), signal }));
  console.log('');
  if (sum.times.length > 1) console.log(`The slowest files:\n${slowestLines(sum.times).join('\n')}\n`);
  for (const { name, reason } of sum.skipped) console.log(`skipped: ${name} (${reason})`);
  for (const failure of sum.failures) console.log(`failed: ${failure}`);
  if (sum.failed > 0)
    console.log(`HEDDLE_SEED=${process.env.HEDDLE_SEED} makes the same random choices again`);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
}

/** Handles Ctrl-C: the first one lets the running tests end and tidy up, the second one ends everything at once. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    console.error('Ending after the tests that are running; once more ends at once.');
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, interrupt);
  return controller.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
