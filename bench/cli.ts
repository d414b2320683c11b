// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSystemTools } from '../tools/build/setup.ts';
import { runAttach } from './attach.ts';
import { runControl } from './control/control.ts';
import { runDatapath } from './datapath/datapath.ts';
import { isLeaving, leaveOnSignals } from './leave.ts';
import { runLoadBalancer } from './loadbalancer/loadbalancer.ts';
import { observeMachine } from './machine.ts';
import { runNetworks } from './networks/networks.ts';
import { formatPart, type MeasuredPart, mergeResults, PARTS, type Part } from './results.ts';
import type { PartOptions, Section } from './section.ts';

const RESULTS = join(import.meta.dirname, './results.md');
const usage = `Usage: npm run bench                     all parts: ${PARTS.join(', ')}; writes bench/results.md
       npm run bench -- --quick          the same as a look of at most 3 minutes and a cluster's start; writes nothing
       npm run bench -- --only PART      one part; the others keep their former figures
       npm run bench -- --output FILE    writes there instead, also what --quick found`;

const runs: Readonly<Record<Part, (options: PartOptions) => Promise<Section>>> = {
  datapath: runDatapath,
  control: runControl,
  networks: runNetworks,
  attach: runAttach,
  loadbalancer: runLoadBalancer,
};

interface Wish {
  readonly quick: boolean;
  readonly parts: readonly Part[];
  /** The file for the results; undefined: they are only printed. */
  readonly file: string | undefined;
}

async function main({ quick, parts, file }: Wish): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('the benchmark makes network namespaces: it needs root on Linux');
  await ensureSystemTools('build', 'kernel');
  leaveOnSignals();
  const measured: MeasuredPart[] = [];
  for (const part of parts) measured.push(await runPart(part, quick));
  if (file !== undefined) await writeResults(file, measured);
}

/** Parses the command line; undefined when it only asks for help. */
function readWish(): Wish | undefined {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { quick, only, output, help } = values;
  if (help) return undefined;
  return { quick, parts: chooseParts(only), file: output ?? (quick ? undefined : RESULTS) };
}

function chooseParts(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const chosen = PARTS.filter((part) => part === only);
  if (chosen.length === 0) throw new Error(`--only ${only}: no such part, there are ${PARTS.join(', ')}`);
  return chosen;
}

async function runPart(part: Part, quick: boolean): Promise<MeasuredPart> {
  const began = performance.now();
  const progress = (line: string) => {
    console.error(`${part} ${((performance.now() - began) / 1000).toFixed(0)} s: ${line}`);
  };
  const circumstances = await observeMachine({ quick });
  const measured = { part, circumstances, section: await runs[part]({ quick, progress }) };
  console.log(`\n${formatPart(measured)}\n`);
  return measured;
}

async function writeResults(file: string, measured: readonly MeasuredPart[]): Promise<void> {
  const former = await readFile(file, 'utf8').catch(() => '');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, mergeResults(former, measured));
  console.log(`written: ${file}`);
}

try {
  const wish = readWish();
  if (wish) await main(wish);
  else console.log(usage);
} catch (error) {
  if (!isLeaving()) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
