// SPDX-License-Identifier: Apache-2.0
import { sleep } from '../../kube/base/clock.ts';
import { UsageError } from '../../kube/base/flags.ts';
import type { WirePod } from '../../kube/wire.ts';
import { listAgentPods } from '../agents.ts';
import { Complaint } from '../complaint.ts';
import { textOf } from '../options.ts';
import type { Session, Verb } from '../verb.ts';
import { formatDrops } from './print.ts';
import { computeRates, type DropRates } from './rates.ts';
import { type Sample, sampleAgents } from './sample.ts';

const CLEAR = '\u001b[H\u001b[2J';

export const drops: Verb = {
  name: 'drops',
  summary: 'packets dropped, by reason, node and hop, and how many a second',
  help: `Usage: kubectl heddle drops [--watch] [--node NAME] [flags]

Reads the counters of each node's kernel twice, and prints those that grew: by node and reason, and by hop of a chain.

  -w, --watch               repeat until Ctrl-C; with -o json one line each time
  --node NAME               one node only
  --interval SECONDS        time between two readings (1)
`,
  flags: {
    watch: { type: 'boolean', short: 'w', default: false },
    node: { type: 'string' },
    interval: { type: 'string', default: '1' },
  },
  run: runDrops,
};

async function runDrops(session: Session): Promise<number> {
  const { cluster, common, flags, clock, signal } = session;
  const intervalMs = parseInterval(textOf(flags, 'interval') ?? '1');
  const pods = choosePods(await listAgentPods(cluster, common.systemNamespace), textOf(flags, 'node'));
  const watch = flags.watch === true;
  let before = await sampleAgents(cluster, pods, clock.monotonic);
  refuseSilence(before);
  do {
    await sleep(clock, intervalMs, signal);
    if (signal.aborted) break;
    const after = await sampleAgents(cluster, pods, clock.monotonic);
    show(computeRates(before, after), session, watch);
    before = after;
  } while (watch && !signal.aborted);
  return 0;
}

function show(rates: DropRates, { common, paint, terminal, write }: Session, watch: boolean): void {
  if (common.output === 'json') write(`${JSON.stringify(rates, null, watch ? undefined : 2)}\n`);
  else
    write(`${watch && terminal ? CLEAR : ''}${formatDrops(rates, paint)}${watch && !terminal ? '\n' : ''}`);
}

/** Pure: parses the interval between two samples. */
export function parseInterval(text: string): number {
  const seconds = Number(text);
  if (!(seconds >= 0.2 && seconds <= 3600)) {
    throw new UsageError(`--interval: "${text}" is not a number of seconds from 0.2 to 3600`);
  }
  return seconds * 1000;
}

function choosePods(pods: readonly WirePod[], node: string | undefined): readonly WirePod[] {
  const chosen = pods.filter(({ spec }) => node === undefined || spec?.nodeName === node);
  if (chosen.length > 0) return chosen;
  if (node === undefined) {
    throw new Complaint('there is no agent: install the chart, or name its namespace by --system-namespace');
  }
  const names = pods.flatMap(({ spec }) => spec?.nodeName ?? []);
  throw new Complaint(
    `--node: no agent runs on "${node}"; there is one on ${names.sort().join(', ') || '(none)'}`,
  );
}

/** Throws when no agent has answered, with the first agent's error. */
function refuseSilence(samples: readonly Sample[]): void {
  const answered = samples.some(({ counters }) => counters !== undefined);
  if (!answered) throw new Complaint(samples[0]?.error ?? 'no agent runs');
}
