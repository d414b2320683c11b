// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, Port } from '../../api/index.ts';
import { keyOfRef } from '../../api/key.ts';
import { runtimeUidOf } from '../../api/static-pod.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../kube/controller.ts';
import type { QueueMetrics } from '../../kube/workqueue.ts';
import { matesOf } from '../observe/network-facts.ts';
import type { AgentContext } from './context.ts';
import { followHealth } from './health.ts';
import { sameNetwork, samePort } from './meaning.ts';
import { reconcileNetwork } from './network.ts';
import type { PastAgent } from './past/past.ts';
import { reconcilePort } from './port.ts';
import { reconcileInstances, reconcileVteps } from './reach.ts';
import { Reporter, type ReportOptions } from './report.ts';
import type { UnderlayFollower } from './underlay.ts';

export interface AgentControllers {
  readonly ports: Controller;
  /** Pods that the runtime listed, by uid. */
  readonly past: Controller;
  /** Every network that a Port or a slice names. */
  networkKeys(): Iterable<string>;
  run(signal: AbortSignal): Promise<void>;
}

/** How often drops are reported. The kernel counts them all the time. */
const DROPS_EVERY_MS = 10_000;
/** How long a report waits: changes come in bursts (a Deployment scales, a chain is written), one report for a burst. */
const REPORT_DELAY_MS = 50;
/** The rest between reports, in times that a report takes: with thousands of networks a report is expensive. */
const REPORT_REST = 4;
/** Short delays: an object that a full map refused is written soon after there is room, a report soon after the API server
 * is back. */
const RETRY = { firstMs: 100, maxMs: 2000 };
/** How often pods that lack an interface are compared again with what they may have. */
const COMPARE_EVERY_MS = 10_000;
/** How often the devices of the underlay are looked at. VXLAN passes by the VXLAN device until a new one is found. */
const UNDERLAY_EVERY_MS = 5_000;
const REPORT = 'report';
const INSTANCES = 'instances';
const VTEPS = 'vteps';
const UNDERLAY = 'underlay';

/** Creates the agent's controllers. Changes enqueue keys only; each pass reads the stores anew. */
export function createControllers(
  context: AgentContext,
  options: {
    readonly metrics: QueueMetrics;
    readonly report: ReportOptions;
    readonly past: PastAgent;
    /** Absent in benchmarks without an underlay. */
    readonly underlay?: UnderlayFollower;
  },
): AgentControllers {
  const { stores, local, log } = context;
  const { metrics } = options;
  const networksOf = (port: Port | undefined) => (port?.spec.network ? [keyOfRef(port.spec.network)] : []);
  const networkKeys = () =>
    new Set([
      ...[...stores.ports.values()].flatMap(networksOf),
      ...[...stores.slices.values()].map(({ spec }) => keyOfRef(spec.network)),
    ]);

  const networks = new Controller({
    name: 'networks',
    log,
    metrics,
    concurrency: 1,
    watches: [
      watch(stores.networks, (old, network) =>
        sameNetwork(old, network) ? [] : [metaKey((network ?? old)!)],
      ),
      watch(stores.ports, (old, port) =>
        samePort(old, port) ? [] : [...networksOf(old), ...networksOf(port), ...servedBy(context, port)],
      ),
      watch(stores.slices, (old, slice) =>
        [old, slice].flatMap((each) => (each ? [keyOfRef(each.spec.network)] : [])),
      ),
      watch(stores.nodes, (old, node) => (sameAddresses(old, node) ? [] : networkKeys())),
      onLocal(context, (port) => [...networksOf(port), ...servedBy(context, port)]),
    ],
    reconcile: (key) => reconcileNetwork(context, key),
    backoff: RETRY,
  });
  const ports = new Controller({
    name: 'ports',
    backoff: RETRY,
    log,
    metrics,
    watches: [
      watchOwn(stores.ports),
      watch(stores.networks, (old, network) =>
        network && !sameNetwork(old, network) ? localPortsOf(context, metaKey(network)) : [],
      ),
      watch(stores.ports, (old, port) =>
        samePrefixes(old, port) ? [] : networksOf(port ?? old).flatMap((key) => localPortsOf(context, key)),
      ),
      // An interface that comes or goes changes how packets of its pod find the other ones.
      watch(stores.ports, (old, port) => (old && port ? [] : matesOf(stores, (port ?? old)!).map(metaKey))),
    ],
    reconcile: async (key) => {
      if (stores.ports.get(key)?.spec.node === local.node || local.interfaceOf(key))
        await reconcilePort(context, key);
    },
  });
  const reach = new Controller({
    name: 'reach',
    backoff: RETRY,
    log,
    metrics,
    concurrency: 1,
    watches: [
      watch(stores.ports, (old, port) => ((port ?? old)?.spec.instance === undefined ? [] : [INSTANCES])),
      watch(stores.slices, (old, slice) => (namesDown(old) === namesDown(slice) ? [] : [INSTANCES])),
      watch(stores.nodes, (old, node) => (sameAddresses(old, node) ? [] : [VTEPS, INSTANCES])),
      onLocal(context, (port) => (port?.spec.instance === undefined ? [] : [INSTANCES])),
    ],
    reconcile: (key) => (key === VTEPS ? reconcileVteps(context) : reconcileInstances(context)),
  });
  let told = '';
  const past = new Controller({
    name: 'past',
    backoff: RETRY,
    log,
    metrics,
    concurrency: 1,
    watches: [
      watch(stores.ports, (old, port) =>
        [runtimeUidOf((port ?? old)!)].filter((uid) => options.past.has(uid)),
      ),
      watch(stores.networks, (old, network) => (sameNetwork(old, network) ? [] : options.past.uids)),
      watch(stores.definitions, () => options.past.uids),
    ],
    resync: { everyMs: COMPARE_EVERY_MS, keys: () => options.past.uids },
    reconcile: async (uid) => {
      const result = await options.past.reconcile(uid);
      const without = options.past.without.join();
      if (without !== told) reports.enqueue(REPORT);
      told = without;
      return result;
    },
  });
  const underlay = new Controller({
    name: 'underlay',
    backoff: RETRY,
    log,
    metrics,
    concurrency: 1,
    watches: [],
    resync: { everyMs: UNDERLAY_EVERY_MS, keys: () => (options.underlay ? [UNDERLAY] : []) },
    reconcile: async () => options.underlay?.reconcile(),
  });
  const reporter = new Reporter(context, options.report);
  let tookMs = 0;
  const reports: Controller = new Controller({
    name: 'reports',
    backoff: RETRY,
    log,
    metrics,
    concurrency: 1,
    watches: [watch(stores.nodes, (_, node) => (node?.metadata.name === local.node ? [REPORT] : []))],
    resync: { everyMs: DROPS_EVERY_MS, keys: () => [REPORT] },
    reconcile: async () => {
      const began = performance.now();
      await reporter.reconcile();
      tookMs = performance.now() - began;
    },
  });
  context.applied.subscribe(() =>
    reports.enqueueAfter(REPORT, Math.max(REPORT_DELAY_MS, REPORT_REST * tookMs)),
  );
  return {
    ports,
    past,
    networkKeys,
    run: async (signal) => {
      const unfollow = followHealth(context, {
        network: (key) => networks.enqueue(key),
        instances: () => reach.enqueue(INSTANCES),
        report: () => reports.enqueue(REPORT),
      });
      const all = [networks, ports, reach, past, underlay, reports];
      await Promise.all(all.map((controller) => controller.run(signal)));
      unfollow();
    },
  };
}

/** A source of the keys that concern Ports attached to, or detached from, this node. */
function onLocal(
  { local, stores }: AgentContext,
  toKeys: (port: Port | undefined) => Iterable<string>,
): KeySource {
  return (add) =>
    local.subscribe((portKey) => {
      for (const key of toKeys(stores.ports.get(portKey))) add(key);
    });
}

/** Networks whose chains use this instance: its node needs them while the instance is on it. */
function servedBy({ stores }: AgentContext, port: Port | undefined): readonly string[] {
  const id = port?.spec.instance;
  if (id === undefined) return [];
  return stores.slices.byIndex('instance', String(id)).map(({ spec }) => keyOfRef(spec.network));
}

/** The instances that a slice calls Down or Unready, as a string to compare. */
function namesDown(slice: ChainSlice | undefined): string {
  const instances = (slice?.spec.hops ?? []).flatMap((hop) => hop.instances);
  return instances
    .flatMap(({ id, state }) => (state === 'Down' || state === 'Unready' ? [`${id}${state}`] : []))
    .join();
}

function localPortsOf({ stores, local }: AgentContext, network: string): readonly string[] {
  return stores.ports
    .byIndex('network', network)
    .filter(({ spec }) => spec.node === local.node)
    .map(metaKey);
}

function samePrefixes(a: Port | undefined, b: Port | undefined): boolean {
  const text = (port: Port | undefined) => (port?.spec.prefixes ?? []).join();
  return text(a) === text(b);
}

interface Addressed {
  readonly status: { readonly internalIPs: readonly string[] };
}

function sameAddresses(a: Addressed | undefined, b: Addressed | undefined): boolean {
  return a?.status.internalIPs.join() === b?.status.internalIPs.join();
}

function metaKey({
  metadata,
}: {
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return keyOfRef(metadata);
}
