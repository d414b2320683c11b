// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Port } from '../../api/index.ts';
import { joinKey } from '../../api/key.ts';
import { Counter, Gauge, type Registry } from '../../kube/base/metrics.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { decodeProbe, decodeProbeKey } from '../render/generated/layout.ts';
import type { Health } from './health.ts';

/** The names of an instance's function and pod, for the labels of metrics. */
export interface InstanceName {
  /** `namespace/kind/name`. */
  readonly function: string;
  readonly pod: string;
}

/** The names from an instance's Port; undefined if the Port is gone, or not of a function. */
export function instanceName(port: Port | undefined): InstanceName | undefined {
  if (!port?.spec.function) return undefined;
  const { kind, name } = port.spec.function;
  const { namespace } = port.metadata;
  return { function: `${namespace}/${kind}/${name}`, pod: joinKey(namespace, port.spec.pod.name) };
}

export interface HealthMetricsOptions {
  readonly registry: Registry;
  readonly kernel: Pick<Kernel, 'mapDump'>;
  readonly mapsDir: string;
  readonly health: Health;
  readonly nameOf: (id: number) => InstanceName | undefined;
}

/** The results of the probes of one instance in one family. */
export interface ProbeSums {
  readonly instance: number;
  readonly family: number;
  readonly answered: number;
  /** Time through the instance and out again: the sum over all answers, and that of the last one. */
  readonly seconds: number;
  readonly lastSeconds: number;
}

const NANOSECONDS = 1e9;

/** Reads the results of the probes of each instance of this node. */
export async function observeProbes(
  kernel: Pick<Kernel, 'mapDump'>,
  mapsDir: string,
): Promise<readonly ProbeSums[]> {
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, 'probes') });
  return Array.from({ length: count }, (_, index) => {
    const slot = (bytes: Uint8Array) =>
      bytes.subarray((index * bytes.length) / count, ((index + 1) * bytes.length) / count);
    const { answered, nanoseconds, lastNanoseconds } = decodeProbe(slot(values));
    return {
      ...decodeProbeKey(slot(keys)),
      answered: Number(answered),
      seconds: Number(nanoseconds) / NANOSECONDS,
      lastSeconds: Number(lastNanoseconds) / NANOSECONDS,
    };
  });
}

/** Registers the metrics of the health of instances and nodes and of the time of probes; they are read at each scrape. */
export function registerHealthMetrics({
  registry,
  kernel,
  mapsDir,
  health,
  nameOf,
}: HealthMetricsOptions): void {
  const registers = [registry];
  const labelNames = ['function', 'pod', 'family'] as const;
  const probes = async () =>
    (await observeProbes(kernel, mapsDir)).flatMap((sums) => {
      const name = nameOf(sums.instance);
      return name && sums.answered > 0 ? [{ sums, labels: { ...name, family: `ipv${sums.family}` } }] : [];
    });
  new Gauge({
    name: 'heddle_probe_latency_seconds',
    help: 'Time of the last probe through an instance of a function of this node and out again',
    labelNames,
    registers,
    async collect() {
      const read = await probes();
      this.reset();
      for (const { sums, labels } of read) this.set(labels, sums.lastSeconds);
    },
  });
  for (const [name, help, figureOf] of [
    [
      'heddle_probes_answered_total',
      'Probes that came out of an instance again',
      (s: ProbeSums) => s.answered,
    ],
    [
      'heddle_probe_latency_seconds_total',
      'Time that those probes took together',
      (s: ProbeSums) => s.seconds,
    ],
  ] as const) {
    new Counter({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        const read = await probes();
        this.reset();
        for (const { sums, labels } of read) this.inc(labels, figureOf(sums));
      },
    });
  }
  const up: Gauge<'function' | 'pod'> = new Gauge({
    name: 'heddle_instance_up',
    help: 'Whether an instance of a function of this node forwards: 1, or 0 and no flow is sent there',
    labelNames: ['function', 'pod'],
    registers,
    collect: () => {
      up.reset();
      for (const { id, isUp } of health.instances) {
        const name = nameOf(id);
        if (name) up.set({ ...name }, isUp ? 1 : 0);
      }
    },
  });
  const reachable: Gauge<'node'> = new Gauge({
    name: 'heddle_node_reachable',
    help: 'Whether a node that has instances of chains of this node answers its heartbeats',
    labelNames: ['node'],
    registers,
    collect: () => {
      reachable.reset();
      for (const { node, isReachable } of health.nodes) reachable.set({ node }, isReachable ? 1 : 0);
    },
  });
}
