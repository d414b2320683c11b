// SPDX-License-Identifier: Apache-2.0
import { table } from '../figures.ts';
import type { Section } from '../section.ts';
import { median, ratios, spread } from '../statistics.ts';
import {
  type Build,
  buildsFor,
  CONNECTIONS,
  type Haproxy,
  isNobody,
  KINDS,
  type Kind,
  nobodyFor,
  PLACES,
  type Place,
  PROXIES,
  SERVERS_FAR,
  SERVERS_NEAR,
} from './lanes.ts';
import type { Measured, Sample } from './samples.ts';

/** The target: requests per second of CPU time, as a multiple of HAProxy's. Connections have no target. */
export const TARGET = 2;

interface How {
  readonly rounds: number;
  readonly milliseconds: number;
}

/** Pure: renders all measurements as a section of the report. */
export function renderLoadBalancer(measured: Measured, how: How): Section {
  return {
    title: 'Load balancer',
    markdown: [
      KINDS.flatMap((kind) => sayRatios(measured, kind)).join('\n'),
      describe(measured, how),
      ...KINDS.flatMap(({ name, title }) => [`### ${title}`, renderTable(measured, name)]),
    ].join('\n\n'),
  };
}

function sayRatios(measured: Measured, { name, title }: (typeof KINDS)[number]): readonly string[] {
  const what = `${title.toLowerCase()}, for a second of CPU`;
  return PLACES.flatMap((place) => {
    const beside = (base: Build) => compare(measured, name, `Heddle ${place}`, base);
    const verdicts = PROXIES.map((proxy) => {
      const all = beside(`${proxy} ${place}`);
      if (name !== 'requests') return `- no target: ${what}, ${place}: of ${proxy}: ${formatRatio(all)}`;
      const verdict = median(all) >= TARGET ? 'met' : '**missed**';
      return `- ${verdict}: ${what}, ${place}: at least ${TARGET} times ${proxy}: ${formatRatio(all)}`;
    });
    return [
      ...verdicts,
      ...(name === 'requests' ? PROXIES.map((proxy) => sayOwnCost(measured, proxy, place)) : []),
      `- no target: ${what}, ${place}: of kube-proxy: ${formatRatio(beside('kube-proxy'))}`,
    ];
  });
}

/**
 * Describes the cost of a load balancer alone. No load balancer can cost less than the same requests without one, so
 * the report also has the additional cost of each on its own network, as a difference within each round.
 */
function sayOwnCost(measured: Measured, proxy: Haproxy, place: Place): string {
  const own = (who: 'Heddle' | Haproxy) => median(ownCost(measured, `${who} ${place}`));
  const [ours, theirs] = [own('Heddle'), own(proxy)];
  const verdict = theirs >= TARGET * ours ? 'met' : '**missed**';
  return `- ${verdict}: requests over kept connections, beyond nobody, ${place}: at most 1/${TARGET} of the CPU of ${proxy}: ${ours.toFixed(1)} of ${theirs.toFixed(1)} µs each`;
}

/**
 * The CPU time of a request in µs, less its cost on the same network without a load balancer; one value for each round.
 */
function ownCost(measured: Measured, build: Build): readonly number[] {
  const cost = (of: Build) => series(measured, of, 'requests', 'perCpuSecond').map((work) => 1e6 / work);
  const bare = cost(nobodyFor(build));
  return cost(build).map((each, round) => each - bare[round]!);
}

function formatOwnCost(measured: Measured, build: Build): string {
  return isNobody(build) ? '' : median(ownCost(measured, build)).toFixed(1);
}

function describe({ samples, rest }: Measured, { rounds, milliseconds }: How): string {
  const failures = samples.reduce((sum, sample) => sum + sample.failures, 0);
  return [
    `Medians of ${rounds} rounds of ${milliseconds} ms each, ${CONNECTIONS} connections at once, a byte there and a byte back.`,
    `The same client and the same ${SERVERS_NEAR + SERVERS_FAR} servers (${SERVERS_NEAR} on the client's node, ${SERVERS_FAR} on another) on`,
    `one kind cluster. Heddle's instance and HAProxy are a pod each: *near* on the client's node, *far* on the other one. *HAProxy* is on the`,
    `cluster's own network, *HAProxy inside* on the virtual network, which Heddle's clients and servers use; *nobody* and *nobody inside* are`,
    `a client that asks the servers themselves there. kube-proxy (nftables) works on the client's node. CPU is all that the whole machine worked meanwhile, from /proc/stat: client, servers, kernels and control`,
    `plane. At rest that is ${median(rest).toFixed(2)} CPU seconds a second; it is in all figures alike and nothing is subtracted.`,
    `Connections that broke: ${failures}.`,
  ].join(' ');
}

function renderTable(measured: Measured, kind: Kind): string {
  const rows = buildsFor(kind).map((build) => {
    const work = series(measured, build, kind, 'perCpuSecond');
    return [
      build,
      formatThousands(series(measured, build, kind, 'perSecond')),
      formatThousands(work),
      (1e6 / median(work)).toFixed(1),
      ...(kind === 'requests' ? [formatOwnCost(measured, build)] : []),
      ...bases(build).map((base) => (base ? formatRatio(compare(measured, kind, build, base)) : '')),
    ];
  });
  return table(
    [
      '',
      'thousand a second',
      'thousand for a second of CPU',
      'µs of CPU each',
      ...(kind === 'requests' ? ['beyond nobody'] : []),
      ...PROXIES.map((proxy) => `for CPU / ${proxy}`),
      'for CPU / kube-proxy',
    ],
    rows,
  );
}

/** The builds that a build is compared with: each HAProxy in the same place, and kube-proxy, but not itself. */
function bases(build: Build): readonly (Build | undefined)[] {
  const place = PLACES.find((each) => build.endsWith(` ${each}`));
  const proxies = PROXIES.map((proxy) => place && (`${proxy} ${place}` as const));
  return [...proxies, 'kube-proxy' as const].map((base) => (base === build ? undefined : base));
}

function compare(measured: Measured, kind: Kind, build: Build, base: Build): readonly number[] {
  const work = (of: Build) => series(measured, of, kind, 'perCpuSecond');
  return ratios(work(build), work(base));
}

function series(
  { samples }: Measured,
  build: Build,
  kind: Kind,
  figure: 'perSecond' | 'perCpuSecond',
): readonly number[] {
  return samples
    .filter((sample: Sample) => sample.build === build && sample.kind === kind)
    .map((sample) => sample[figure]);
}

function formatThousands(values: readonly number[]): string {
  return `${(median(values) / 1000).toFixed(2)} ±${formatPercent(spread(values))}`;
}

function formatRatio(values: readonly number[]): string {
  return `${median(values).toFixed(2)} ±${formatPercent(spread(values))}`;
}

function formatPercent(part: number): string {
  return `${(part * 100).toFixed(0)}%`;
}
