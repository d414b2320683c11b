// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ensureDataPath } from '../../agent/apply/datapath.ts';
import { DataPathMaps } from '../../agent/apply/maps.ts';
import { Applied } from '../../agent/controllers/applied.ts';
import type { AgentContext } from '../../agent/controllers/context.ts';
import { createControllers } from '../../agent/controllers/controllers.ts';
import { PastAgent } from '../../agent/controllers/past/past.ts';
import { Health } from '../../agent/health/health.ts';
import type { Kernel } from '../../agent/kernel/kernel.ts';
import type { ProbeReport } from '../../agent/kernel/protocol.ts';
import { LocalState } from '../../agent/observe/local.ts';
import { createAgentObservation } from '../../agent/observe/stores.ts';
import { encodeAddressKey } from '../../agent/render/generated/layout.ts';
import { isTrue, renderConditions } from '../../api/conditions.ts';
import type { ChainSlice, Port } from '../../api/index.ts';
import { systemNamespace, vxlanPort } from '../../api/names.ts';
import { parseAddress } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import { Writer } from '../../kube/apply.ts';
import type { Logger } from '../../kube/base/log.ts';
import { createRegistry } from '../../kube/base/metrics.ts';
import { createQueueMetrics, createReflectorMetrics } from '../../kube/metrics.ts';
import { resources } from '../../kube/resource.ts';
import { createTransport } from '../../kube/transport.ts';

/** The view of the benchmark on one node's agent. */
export interface BenchAgent {
  readonly node: string;
  /** A slice in the kernel; undefined while the kernel has another generation than the API server. */
  sliceInKernel(key: string): ChainSlice | undefined;
  /** The last version of a slice that the API server sent. */
  sliceTold(key: string): ChainSlice | undefined;
  /** The Port of a pod, by the pod's uid, once its claim holds. */
  portOfPod(uid: string): Port | undefined;
  /** The instance id of a pod of a function. */
  instanceOf(pod: string): number | undefined;
  /** Whether the kernel knows all addresses of a Port. */
  hasAddress(port: Port): boolean;
  /** How many addresses of a network were written into the kernel so far. */
  countAddresses(network: string): number;
  /** Calls the listener when any of the above may have changed; the returned function stops that. */
  onChange(listener: () => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}

export interface AgentOptions {
  readonly node: string;
  readonly config: KubeConfig;
  /** All agents share one process for the kernel; each has maps of its own. */
  readonly kernel: Kernel;
  /** The folder in which this agent's maps are pinned. */
  readonly root: string;
  readonly objectFile: string;
  readonly log: Logger;
}

/** An interface index that no device has: the data path carries no packets here. */
const FIRST_IFINDEX = 1_000_000;

/**
 * The agent of one node with its own watches, stores, renderer and pinned BPF maps: everything except the container
 * runtime. A Port counts as attached as soon as its claim is valid.
 */
export async function createBenchAgent(options: AgentOptions): Promise<BenchAgent> {
  const { node, config, root, objectFile, log } = options;
  const listeners = new Set<() => void>();
  const emit = (): void => {
    for (const listener of listeners) listener();
  };
  const addresses = new Set<string>();
  mkdirSync(root, { recursive: true });
  const kernel = withWrites(options.kernel, (map, keys) => {
    if (map === 'addresses') for (const key of keys()) addresses.add(key);
    emit();
  });
  const dataPath = await ensureDataPath({
    kernel,
    root,
    objectFile,
    vxlanPort,
    vtep: parseAddress('172.31.0.1'),
    underlayDevices: ['eth0'],
  });
  const transport = createTransport({ config, userAgent: `bench-agent/${node}` });
  const registry = createRegistry();
  const observation = createAgentObservation({ transport, log, metrics: createReflectorMetrics(registry) });
  const { stores } = observation;
  const health = new Health({
    kernel: withAnswers(kernel),
    mapsDir: dataPath.mapsDir,
    ifindex: dataPath.probeIfindex,
    times: { intervalMs: 50, misses: 4 },
    log,
  });
  const context: AgentContext = {
    stores,
    local: new LocalState(node),
    applied: new Applied(),
    health,
    maps: new DataPathMaps({ kernel, directory: dataPath.mapsDir }),
    kernel,
    dataPath,
    writer: new Writer({ transport, fieldManager: 'heddle-agent' }),
    node: { innerMtu: 1450, hasIpv6: true },
    log,
  };
  const controllers = createControllers(context, {
    metrics: createQueueMetrics(registry),
    past: new PastAgent({ context, events: { record: () => undefined }, startedWithout: 'Fence' }),
    report: {
      systemNamespace,
      agentVersion: 'bench',
      underlayMtu: () => 1500,
      startedAt: new Date(),
    },
  });
  context.applied.subscribe(emit);
  stores.slices.subscribe(emit);
  stores.ports.subscribe(emit);
  return {
    node,
    countAddresses: (network) => {
      const vni = stores.networks.get(network)?.status?.vni;
      if (vni === undefined) return 0;
      const own = addressKey(vni, new Uint8Array(16)).slice(0, 8);
      return [...addresses].filter((key) => key.startsWith(own)).length;
    },
    portOfPod: (uid) =>
      stores.ports.byIndex('pod', uid).find(({ status }) => isTrue(status?.conditions, 'Accepted')),
    instanceOf: (pod) =>
      stores.ports.byIndex('role', 'instance').find(({ spec }) => spec.pod.name === pod)?.spec.instance,
    hasAddress: ({ spec }) =>
      (spec.addresses ?? []).every((text) =>
        addresses.has(addressKey(spec.vni ?? 0, mappedBytes(parseAddress(text)))),
      ),
    sliceTold: (key) => stores.slices.get(key),
    sliceInKernel: (key) => {
      const slice = stores.slices.get(key);
      return slice && context.applied.slices.get(key)?.generation === slice.metadata.generation
        ? slice
        : undefined;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    run: async (signal) => {
      const attaching = attachAll(context);
      const running = observation.run(signal);
      await observation.synced;
      await controllers.run(signal);
      attaching();
      await running;
      await health.close();
      transport.close();
    },
  };
}

/** Stands in for the container runtime: attaches every Port of this node whose claim is valid, and reports it. */
function attachAll({ stores, local, writer, log }: AgentContext): () => void {
  let next = FIRST_IFINDEX;
  return stores.ports.subscribe(
    ({ key, object }) => {
      if (object?.spec.node !== local.node || local.interfaceOf(key)) return;
      if (!isTrue(object.status?.conditions, 'Accepted')) return;
      next += 1;
      local.attached(key, { hostName: `bench${next}`, ifindex: next });
      reportReady(writer, object).catch((error: unknown) => log.error({ port: key, error }, 'not reported'));
    },
    { replay: true },
  );
}

async function reportReady(writer: Writer, port: Port): Promise<void> {
  const { namespace, name, uid, generation = 0 } = port.metadata;
  const conditions = renderConditions({
    kind: 'Port',
    verdicts: [
      { type: 'Ready', status: 'True', reason: 'Attached', message: 'The interface is in the pod.' },
    ],
    previous: undefined,
    generation,
    now: new Date(),
  }).filter(({ type }) => type === 'Ready');
  await writer.applyStatus(resources.ports, { metadata: { namespace, name, uid }, status: { conditions } });
}

/** The same kernel, with a callback after each write of a map. */
function withWrites(kernel: Kernel, onWritten: (map: string, keys: () => readonly string[]) => void): Kernel {
  return {
    ...kernel,
    mapUpdate: async (args) => {
      const result = await kernel.mapUpdate(args);
      onWritten(basename(args.path), () => hexKeys(args.entries.keys, args.entries.count));
      return result;
    },
  };
}

/** The same kernel, in which every probe counts as answered, because no instance here can forward. */
function withAnswers(kernel: Kernel): Kernel {
  let answer: (report: ProbeReport) => void = () => {};
  return {
    ...kernel,
    onProbes: (listener) => {
      answer = listener;
      return () => {};
    },
    probe: async ({ plan }) => {
      answer({ levels: (plan?.targets ?? []).map(({ name }) => [name, 0] as const) });
    },
  };
}

function hexKeys(keys: Uint8Array, count: number): readonly string[] {
  const bytes = Buffer.from(keys.buffer, keys.byteOffset, keys.byteLength);
  const size = keys.byteLength / count;
  return Array.from({ length: count }, (_, index) => bytes.toString('hex', index * size, (index + 1) * size));
}

function addressKey(vni: number, address: Uint8Array): string {
  return Buffer.from(encodeAddressKey({ vni, address })).toString('hex');
}

/** The folder of the pins of a node's agent. */
export function pinsOf(bpffs: string, node: string): string {
  return join(bpffs, node, 'heddle');
}
