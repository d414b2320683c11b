// SPDX-License-Identifier: Apache-2.0
import { type CheckOutcome, checks } from '../check/checks.ts';
import { repository } from '../kind/paths.ts';
import { createProgress, type Terminal } from '../kind/progress.ts';
import { ensureTools } from '../kind/tools.ts';
import type { Skip, SuiteResult } from './report.ts';

/** Runs `npm run check` as a suite: each check is a test. A missing helm is built first. */
export async function runChecks(output: Terminal): Promise<SuiteResult> {
  const { helm } = await ensureTools(createProgress('tools', output));
  const failures: string[] = [];
  const skipped: Skip[] = [];
  let passed = 0;
  for (const check of checks({ root: repository, helm })) {
    const outcome: CheckOutcome = await check.run();
    switch (outcome.kind) {
      case 'passed':
        passed += 1;
        break;
      case 'skipped':
        skipped.push({ name: check.name, reason: outcome.reason });
        break;
      case 'failed':
        failures.push(`check: ${check.name}`);
        output.write(`${check.name}:\n${outcome.output.trimEnd()}\n`);
    }
  }
  return { passed, failed: failures.length, skipped, times: [], failures };
}
