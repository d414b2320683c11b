// SPDX-License-Identifier: Apache-2.0
import type { Traffic } from '../traffic.ts';
import type { Lane } from './lanes.ts';

export type MetricName = 'packets' | 'work' | 'throughput' | 'requests' | 'connections' | 'p50' | 'p99';

/** One figure of each lane: its name and unit, and whether more is better. */
export interface Metric {
  readonly name: MetricName;
  readonly title: string;
  readonly unit: string;
  /** The factor from the measured unit to the one of the table. */
  readonly scale: number;
  readonly digits: number;
  readonly lessIsBetter: boolean;
}

export const METRICS: readonly Metric[] = [
  {
    name: 'packets',
    title: 'Packets of 64 bytes, UDP',
    unit: 'thousand a second',
    scale: 1e-3,
    digits: 0,
    lessIsBetter: false,
  },
  {
    name: 'work',
    title: 'The same packets for a second of CPU',
    unit: 'thousand',
    scale: 1e-3,
    digits: 0,
    lessIsBetter: false,
  },
  {
    name: 'throughput',
    title: 'TCP throughput',
    unit: 'Gbit/s',
    scale: 1e-9,
    digits: 1,
    lessIsBetter: false,
  },
  {
    name: 'requests',
    title: 'Requests on 16 open connections',
    unit: 'thousand a second',
    scale: 1e-3,
    digits: 1,
    lessIsBetter: false,
  },
  {
    name: 'connections',
    title: 'Connections with one request each',
    unit: 'thousand a second',
    scale: 1e-3,
    digits: 2,
    lessIsBetter: false,
  },
  {
    name: 'p50',
    title: 'Latency of a request, median',
    unit: 'µs',
    scale: 1e-3,
    digits: 1,
    lessIsBetter: true,
  },
  {
    name: 'p99',
    title: 'Latency of a request, 99th percentile',
    unit: 'µs',
    scale: 1e-3,
    digits: 1,
    lessIsBetter: true,
  },
];

export type Sample = Partial<Readonly<Record<MetricName, number>>>;

interface Probe {
  readonly kind: string;
  measure(traffic: Traffic, lane: Lane, milliseconds: number): Promise<Sample>;
}

/** The measurements of each lane, one after another. */
export const PROBES: readonly Probe[] = [
  {
    kind: 'packets',
    measure: async (traffic, lane, ms) => {
      const { perSecond, perCpuSecond } = await traffic.run('udp', lane, ms);
      return { packets: perSecond, work: perCpuSecond };
    },
  },
  {
    kind: 'throughput',
    measure: async (traffic, lane, ms) => ({
      throughput: (await traffic.run('stream', lane, ms)).bitsPerSecond,
    }),
  },
  {
    kind: 'requests',
    measure: async (traffic, lane, ms) => ({ requests: (await traffic.run('requests', lane, ms)).perSecond }),
  },
  {
    kind: 'connections',
    measure: async (traffic, lane, ms) => ({
      connections: (await traffic.run('connections', lane, ms)).perSecond,
    }),
  },
  {
    kind: 'latency',
    measure: async (traffic, lane, ms) => {
      const { p50Ns, p99Ns } = await traffic.run('latency', lane, ms);
      return { p50: p50Ns, p99: p99Ns };
    },
  },
];
