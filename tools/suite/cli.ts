import { parseArgs } from 'node:util';
import { formatSeconds } from '../kind/progress.ts';
import { addResults, closingLine, failedOutright, type SuiteResult } from './report.ts';
import { isSuite, runSuite, type Suite, type SuiteOptions, suites, suitesWithFiles } from './suites.ts';

const usage = `Usage: npm test [-- FILTER...]             all suites: ${suites.join(', ')}
       npm run test:unit|test:kernel|test:cluster [-- FILTER...]
       ... -- FILTER -t NAME                        only tests whose names match this pattern
       npm run test:cluster -- --kubeconfig FILE   on any cluster that has the chart installed
       npm run test:cluster -- --cluster NAME      on a local cluster of another name than heddle-test`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kubeconfig: { type: 'string' },
      cluster: { type: 'string', default: 'heddle-test' },
      testNamePattern: { type: 'string', short: 't' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const [first = ''] = positionals;
  const chosen = isSuite(first) ? [first] : suites;
  const filters = isSuite(first) ? positionals.slice(1) : positionals;
  const results: SuiteResult[] = [];
  const { kubeconfig, cluster, testNamePattern: testName } = values;
  for (const suite of suitesWithFiles(chosen, filters))
    results.push(await timed(suite, { filters, testName, kubeconfig, cluster }));
  const sum = addResults(results);
  console.log('');
  for (const { name, reason } of sum.skipped) console.log(`skipped: ${name} (${reason})`);
  for (const failure of sum.failures) console.log(`failed: ${failure}`);
  console.log(closingLine(sum));
  return sum.failed === 0 ? 0 : 1;
}

async function timed(suite: Suite, options: SuiteOptions): Promise<SuiteResult> {
  const started = performance.now();
  console.log(`\n== ${suite} ==`);
  const result = await runSuite(suite, options).catch((error: unknown) => {
    console.log(error instanceof Error ? error.message : error);
    return failedOutright(`${suite}: could not start`);
  });
  console.log(`== ${suite}: ${closingLine(result)} in ${formatSeconds(performance.now() - started)} ==`);
  return result;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
