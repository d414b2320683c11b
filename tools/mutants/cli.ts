// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { repository } from '../kind/paths.ts';
import { runBpfMutants } from './bpf.ts';
import { applyJudgements, type Judgements } from './equivalent.ts';
import { mutated, renderStrykerConfig, TESTS_VARIABLE, testsOf } from './plan.ts';
import {
  findRegressions,
  listSurvivors,
  type MutationReport,
  mergeReports,
  rangesOfSurvivors,
  type Scores,
  scoreFiles,
  summarize,
} from './report.ts';

const FOLDER = 'tools/mutants';
const PACKAGES = 'tools/mutants/stryker';
const SCORES = join(repository, FOLDER, 'scores.json');
const JUDGEMENTS = join(repository, FOLDER, 'equivalent.json');
const usage = `Usage: npm run check:mutants [-- FILE...] [--write] [--report FILE [--survivors]] [--bpf COUNT]

Changes pure code in small ways, one at a time, and says which changes no unit test notices. Fails when more survive in a
file than tools/mutants/scores.json says; --write writes the scores of the measured files. A change that cannot alter what
the code does belongs in tools/mutants/equivalent.json, with the reason. --report reads
the report of an earlier run, a copy of dist/mutants/report.json, instead of a new run; with --survivors it tries those that
survived there again, after tests were added. With --bpf it changes agent/bpf instead, in COUNT places, and runs test/packets
(root; a minute each).`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: 'boolean', default: false },
      report: { type: 'string' },
      survivors: { type: 'boolean', default: false },
      bpf: { type: 'string' },
    },
  });
  if (values.bpf !== undefined) return runBpfMutants(Number(values.bpf));
  const report = await measure(positionals, values);
  const { equivalent, survived, stale } = applyJudgements({
    judgements: readJson<Judgements>(JUDGEMENTS),
    measured: Object.keys(report.files),
    survivors: listSurvivors(report),
  });
  const scores = scoreFiles(report, equivalent);
  for (const { file, place, change } of survived) console.log(`survived  ${file}:${place}  ${change}`);
  for (const judgement of stale) console.log(`judged equivalent, but no survivor: ${judgement}`);
  console.log('');
  for (const line of summarize(scores)) console.log(line);
  const known = readJson<Scores>(SCORES);
  if (values.write) {
    const all = Object.entries({ ...known, ...scores }).sort(([a], [b]) => (a < b ? -1 : 1));
    writeFileSync(SCORES, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    return stale.length === 0 ? 0 : 1;
  }
  const regressions = findRegressions(known, scores);
  for (const regression of regressions) console.log(`worse: ${regression}`);
  return regressions.length + stale.length === 0 ? 0 : 1;
}

function readJson<T>(file: string): T {
  return JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}') as T;
}

async function measure(
  files: readonly string[],
  options: { readonly report?: string | undefined; readonly survivors: boolean },
): Promise<MutationReport> {
  if (options.report === undefined) return runStryker(files.length > 0 ? files : mutated);
  const before = JSON.parse(readFileSync(options.report, 'utf8')) as MutationReport;
  const ranges = rangesOfSurvivors(before);
  if (!options.survivors || ranges.length === 0) return before;
  const merged = mergeReports(before, await runStryker(ranges));
  writeFileSync(options.report, JSON.stringify(merged));
  return merged;
}

async function runStryker(files: readonly string[]): Promise<MutationReport> {
  const own = join(repository, PACKAGES);
  // Its packages are used by nothing else, so they are installed at the first run.
  if (!existsSync(join(own, 'node_modules'))) {
    await execa('npm', ['ci', '--no-fund', '--no-audit', '--legacy-peer-deps'], {
      cwd: own,
      stdio: 'inherit',
    });
  }
  const folder = join(repository, 'dist/mutants');
  mkdirSync(folder, { recursive: true });
  const report = join(folder, 'report.json');
  const config = join(folder, 'stryker.json');
  rmSync(report, { force: true });
  writeFileSync(config, JSON.stringify(renderStrykerConfig({ files, report, folder: 'dist/mutants/work' })));
  const stryker = join(own, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  await execa(process.execPath, [stryker, 'run', config], {
    cwd: repository,
    env: { [TESTS_VARIABLE]: testsOf(files).join(',') },
    stdio: 'inherit',
    reject: false,
  });
  if (!existsSync(report)) throw new Error('Stryker wrote no report: see what it printed');
  return JSON.parse(readFileSync(report, 'utf8')) as MutationReport;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(usage);
  process.exitCode = 2;
}
