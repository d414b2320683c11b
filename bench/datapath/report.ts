// SPDX-License-Identifier: Apache-2.0
import { table } from '../figures.ts';
import type { Section } from '../section.ts';
import { median, ratios, spread } from '../statistics.ts';
import { DIRECT, PLAIN_VXLAN } from './handmade.ts';
import { type Lane, PLACEMENTS, type Placement, type Row } from './lanes.ts';
import { METRICS, type Metric, type MetricName } from './metrics.ts';
import type { Measured } from './rounds.ts';

/** A target of the data path. */
export interface Target {
  readonly row: Row;
  readonly metric: MetricName;
  /** The minimum, as a fraction of the hand-built chain. */
  readonly atLeast: number;
  readonly says: string;
}

export const TARGETS: readonly Target[] = [
  {
    row: { placement: 'One node', functions: 3, work: 'firewall' },
    metric: 'packets',
    atLeast: 1.25,
    says: 'three firewalls on one node: packets at least 1.25 times the hand-built chain',
  },
  {
    row: { placement: 'Across nodes', functions: 3, work: 'firewall' },
    metric: 'packets',
    atLeast: 1,
    says: 'three firewalls across nodes: packets at least those of the hand-built chain',
  },
];

/** Pure: renders all measurements as a section of the report. */
export function renderDatapath(
  measured: Measured,
  options: { readonly rows: readonly Row[]; readonly rounds: number; readonly milliseconds: number },
): Section {
  const lines = [
    ...TARGETS.flatMap((target) => sayTarget(measured, target)).map((line) => `- ${line}`),
    '',
    '`straight` is Heddle with `establishedFlows: Straight`: once all firewalls have let a flow pass, its packets go past them ' +
      'for seconds at a time. `Heddle` sends every packet through all functions, as the hand-built chain does.',
    '',
    `Medians of ${options.rounds} rounds of ${options.milliseconds} ms each. \`direct\` is a veth from client to server, ` +
      '`VXLAN` a routed VXLAN between two nodes, both without any function. Ratios are medians of the ratios of each round, ' +
      'with the median distance from it (±), which is the noise.',
  ];
  for (const metric of METRICS) {
    lines.push('', `### ${metric.title} (${metric.unit}${metric.lessIsBetter ? ', less is better' : ''})`);
    for (const placement of PLACEMENTS)
      lines.push('', renderTable(measured, { metric, placement, rows: options.rows }));
  }
  return { title: 'Data path', markdown: lines.join('\n') };
}

function sayTarget(measured: Measured, { row, metric, atLeast, says }: Target): readonly string[] {
  const theirs = find(measured, row, 'hand-built')?.[metric];
  return (['heddle', 'straight'] as const).map((build) => {
    const ours = find(measured, row, build)?.[metric];
    const what = build === 'straight' ? `${says}, established flows going straight` : says;
    if (!ours || !theirs) return `not measured: ${what}`;
    const all = ratios(ours, theirs);
    return `${median(all) >= atLeast ? 'met' : '**missed**'}: ${what}: ${formatRatio(all)}`;
  });
}

interface TableOptions {
  readonly metric: Metric;
  readonly placement: Placement;
  readonly rows: readonly Row[];
}

function renderTable(measured: Measured, { metric, placement, rows }: TableOptions): string {
  const { name } = metric;
  const direct = find(measured, DIRECT, 'direct')![name];
  const vxlan = find(measured, PLAIN_VXLAN, 'vxlan')![name];
  const across = placement === 'Across nodes';
  const reference = across ? `, VXLAN ${formatValue(metric, vxlan)}` : '';
  const header = [
    `${placement}: direct ${formatValue(metric, direct)}${reference}`,
    'hand-built',
    'Heddle',
    '/ direct',
    ...(across ? ['/ VXLAN'] : []),
    '/ hand-built',
    'straight',
    '/ hand-built',
  ];
  const body = rows
    .filter((row) => row.placement === placement)
    .map((row) => {
      const ours = find(measured, row, 'heddle')![name];
      const theirs = find(measured, row, 'hand-built')![name];
      const straight = find(measured, row, 'straight')?.[name];
      return [
        nameChain(row),
        formatValue(metric, theirs),
        formatValue(metric, ours),
        formatRatio(ratios(ours, direct)),
        ...(across ? [formatRatio(ratios(ours, vxlan))] : []),
        formatRatio(ratios(ours, theirs)),
        straight ? formatValue(metric, straight) : '',
        straight ? formatRatio(ratios(straight, theirs)) : '',
      ];
    });
  return table(header, body);
}

function nameChain({ functions, work }: Row): string {
  if (functions === 0) return 'no function';
  const plural = functions === 1 ? '' : 's';
  return work === 'forward' ? `${functions} plain function${plural}` : `${functions} firewall${plural}`;
}

function find(measured: Measured, row: Row, build: Lane['plan']['build']) {
  for (const [{ plan }, series] of measured) {
    const { placement, functions, work } = plan;
    if (
      plan.build === build &&
      placement === row.placement &&
      functions === row.functions &&
      work === row.work
    )
      return series;
  }
  return undefined;
}

function formatValue({ scale, digits }: Metric, values: readonly number[]): string {
  return `${(median(values) * scale).toFixed(digits)} ±${formatPercent(spread(values))}`;
}

function formatRatio(values: readonly number[]): string {
  return `${median(values).toFixed(2)} ±${formatPercent(spread(values))}`;
}

function formatPercent(part: number): string {
  return `${(part * 100).toFixed(0)}%`;
}
