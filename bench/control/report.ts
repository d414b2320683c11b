// SPDX-License-Identifier: Apache-2.0
import { percentile, table } from '../figures.ts';
import type { Section } from '../section.ts';
import { type ChangeKind, changeKinds, type Failure, type Outcome } from './scenario.ts';

/** The targets. */
const TARGET = { ports: 10_000, p99Ms: 1000, memoryMiB: 300 };

/** Renders the scenarios as tables. */
export function renderControl(outcomes: readonly Outcome[], failures: readonly Failure[] = []): Section {
  const kinds = Object.keys(changeKinds) as ChangeKind[];
  const rows = outcomes.flatMap((outcome) => kinds.map((kind) => renderChange(outcome, kind)));
  const costs = outcomes.map(({ scenario, setupSeconds, operator }) => [
    scenario.name,
    count(scenario.nodes),
    count(scenario.otherNetworks + 1),
    `${setupSeconds.toFixed(1)} s`,
    `${operator.peakMiB.toFixed(0)} MiB`,
    `${operator.endMiB.toFixed(0)} MiB${operator.restarts > 0 ? ` (started ${operator.restarts + 1} times)` : ''}`,
  ]);
  return {
    title: 'Control plane: from the request to the kernels of all nodes',
    markdown: [
      INTRODUCTION,
      table(
        [
          'cluster',
          'change',
          'times',
          'told, p50',
          'first node, p50',
          'last node, p50',
          'last node, p99',
          'operator CPU',
        ],
        rows,
      ),
      table(
        [
          'cluster',
          'nodes',
          'networks',
          'from no pod to all kernels',
          'operator, peak',
          'operator, at the end',
        ],
        costs,
      ),
      ...failures.map(({ scenario, reason }) => `**Not finished**: ${scenario.name}: ${reason}`),
      renderTargets(outcomes),
    ].join('\n\n'),
  };
}

/** Renders the targets, each with the measured value. */
function renderTargets(outcomes: readonly Outcome[]): string {
  const largest = outcomes.toSorted((a, b) => b.scenario.ports - a.scenario.ports)[0];
  if (!largest) return '';
  const kinds = Object.keys(changeKinds) as ChangeKind[];
  const p99 = Math.max(...kinds.map((kind) => percentile(totalsOf(largest, kind), 99)));
  const { name } = largest.scenario;
  const isFull = largest.scenario.ports >= TARGET.ports;
  const verdict = (isMet: boolean): string => (!isFull ? 'not judged' : isMet ? 'met' : '**missed**');
  return [
    `- ${verdict(p99 <= TARGET.p99Ms)}: every change within ${TARGET.p99Ms} ms, 99th percentile, at 10,000 Ports (${name}: ${p99.toFixed(0)} ms)`,
    `- ${verdict(largest.operator.peakMiB <= TARGET.memoryMiB)}: operator at most ${TARGET.memoryMiB} MiB (${name}: ${largest.operator.peakMiB.toFixed(0)} MiB)`,
    '- the cost of a change beside 9, 99 and 999 other networks: see the rows of 100 Ports',
  ].join('\n');
}

function totalsOf({ timings }: Outcome, kind: ChangeKind): readonly number[] {
  return timings.filter((timing) => timing.kind === kind).map(({ total }) => total);
}

const INTRODUCTION = `Real etcd and kube-apiserver, the operator as it ships, and one agent a node with watches, stores, renderer and
pinned BPF maps of its own. Nothing stands for the container runtime but that a Port is attached as soon as its claim
holds, and probes of instances count as answered. A quarter of the network's pods are servers, all are named by its
chain through two firewalls of two instances. Each change is one request (server-side apply, or what a kubelet writes),
alone. *Told* is when the API server has told the first agent: what operator and API server take. The agents share one
process and this machine's CPUs with the API server, so the *last node* waits for the work of all others; the *first
node* is what a node takes that has a CPU for itself.`;

function renderChange({ scenario, timings, operator }: Outcome, kind: ChangeKind): readonly string[] {
  const own = timings.filter((timing) => timing.kind === kind);
  const median = (part: 'told' | 'first' | 'total'): string =>
    ms(
      percentile(
        own.map((timing) => timing[part]),
        50,
      ),
    );
  return [
    scenario.name,
    changeKinds[kind],
    String(own.length),
    median('told'),
    median('first'),
    median('total'),
    ms(
      percentile(
        own.map(({ total }) => total),
        99,
      ),
    ),
    `${operator.cpuMs[kind].toFixed(1)} ms`,
  ];
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
