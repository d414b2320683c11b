// SPDX-License-Identifier: Apache-2.0
import { registerHealthMetrics } from '../../../agent/health/metrics.ts';
import { registerAttachments, registerDataPathMetrics } from '../../../agent/observe/metrics.ts';
import { PluginWatch } from '../../../agent/observe/plugin.ts';
import { createAgentStores } from '../../../agent/observe/stores.ts';
import { workloadKinds } from '../../../api/index.ts';
import type { WorkloadKind } from '../../../api/objects.ts';
import { registerMetrics as registerCustom } from '../../../functions/custom/metrics.ts';
import { registerMetrics as registerFirewall } from '../../../functions/firewall/metrics.ts';
import { registerMetrics as registerLoadBalancer } from '../../../functions/loadbalancer/metrics.ts';
import { registerMetrics as registerVpn } from '../../../functions/vpn/metrics.ts';
import { createRegistry, type Registry } from '../../../kube/base/metrics.ts';
import { createQueueMetrics, createReflectorMetrics } from '../../../kube/metrics.ts';
import { registerOperatorMetrics } from '../../../operator/metrics.ts';
import { createStores } from '../../../operator/observe/observation.ts';

export const programs = ['agent', 'operator', ...workloadKinds] as const;
type Program = (typeof programs)[number];

/** A metric as its program registers it. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** A page of metrics of a program, with one sample of each: a family without one is not looked at by promtool. */
export function pageOf(program: Program): string {
  return metricsOf(program).map(specimen).join('');
}

function specimen({ name, help, type, labels }: Metric): string {
  const named = labels.map((label) => `${label}="x"`);
  const at = (suffix: string, more: readonly string[] = []) =>
    `${name}${suffix}{${[...named, ...more].join(',')}} 1\n`;
  const samples = type === 'histogram' ? at('_bucket', ['le="+Inf"']) + at('_sum') + at('_count') : at('');
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples}`;
}

/** All metrics of a program. */
export function metricsOf(program: Program): readonly Metric[] {
  // prom-client tells the labels of a metric only by a field of the object.
  const registered = registryOf(program).getMetricsAsArray() as unknown as readonly {
    readonly name: string;
    readonly help: string;
    readonly type: string;
    readonly labelNames?: readonly string[];
  }[];
  return registered.map(({ name, help, type, labelNames = [] }) => ({
    name,
    help,
    type: String(type),
    labels: labelNames,
  }));
}

function registryOf(program: Program): Registry {
  const registry = createRegistry();
  createReflectorMetrics(registry);
  if (program === 'agent') registerAgent(registry);
  else if (program === 'operator') {
    createQueueMetrics(registry);
    registerOperatorMetrics(registry, { stores: createStores(), isLeader: () => true });
  } else registerFunction[program](registry);
  return registry;
}

function registerAgent(registry: Registry): void {
  const nothing = { keys: new Uint8Array(), values: new Uint8Array(), count: 0 };
  const kernel = {
    mapDump: async () => nothing,
    mapCount: async () => 0,
    mapInfo: async () => {
      throw new Error('no map is filled');
    },
  };
  const sources = {
    kernel,
    mapsDir: '/maps',
    local: { node: 'one', interfaces: new Map() },
    stores: createAgentStores(),
    sizes: () => [],
  };
  createQueueMetrics(registry);
  new PluginWatch(registry);
  registerAttachments(registry);
  registerDataPathMetrics(registry, sources);
  const health = { instances: [], nodes: [] } as unknown as Parameters<
    typeof registerHealthMetrics
  >[0]['health'];
  registerHealthMetrics({ registry, kernel, mapsDir: '/maps', health, nameOf: () => undefined });
}

const registerFunction: Readonly<Record<WorkloadKind, (registry: Registry) => void>> = {
  Firewall: (registry) => registerFirewall(registry, { counters: async () => new Map(), logged: () => 0 }),
  LoadBalancer: (registry) =>
    registerLoadBalancer(registry, { counters: async () => new Map(), standings: () => [] }),
  CustomFunction: (registry) => registerCustom(registry, async () => []),
  VPN: (registry) => registerVpn(registry, async () => []),
};
