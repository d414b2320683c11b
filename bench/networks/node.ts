// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDataPath } from '../../agent/apply/datapath.ts';
import { DataPathMaps } from '../../agent/apply/maps.ts';
import { Applied } from '../../agent/controllers/applied.ts';
import type { AgentContext } from '../../agent/controllers/context.ts';
import { createControllers } from '../../agent/controllers/controllers.ts';
import { PastAgent } from '../../agent/controllers/past/past.ts';
import { attachPort } from '../../agent/controllers/port.ts';
import { takeOver } from '../../agent/controllers/takeover.ts';
import { Health } from '../../agent/health/health.ts';
import { type Kernel, startKernel } from '../../agent/kernel/kernel.ts';
import { LocalState } from '../../agent/observe/local.ts';
import { createAgentStores } from '../../agent/observe/stores.ts';
import type { ChainSlice, NodeReport, Port } from '../../api/index.ts';
import { keyOf } from '../../api/key.ts';
import { systemNamespace, vxlanPort } from '../../api/names.ts';
import { parseAddress } from '../../api/net/address.ts';
import type { Writer } from '../../kube/apply.ts';
import { createLogger } from '../../kube/base/log.ts';
import { createRegistry } from '../../kube/base/metrics.ts';
import { createQueueMetrics } from '../../kube/metrics.ts';
import { HERE, NODES, type Resources } from './resources.ts';

/** When nothing is written for this time, there is nothing left to do. */
const QUIET_MS = 1000;

/** The agent of one node: all of its own code, except for the watches and the container runtime. */
export interface BenchNode {
  readonly mapsDir: string;
  /** Bytes of the last report, as JSON. */
  reportBytes(): number;
  /** Puts resources into the stores, as the watches would. */
  read(resources: Resources): void;
  /** Attaches a Port, as the runtime's hook does. */
  attach(port: Port, netnsPath: string): Promise<void>;
  /** Adopts the state of an earlier agent, as at the start. */
  takeOver(): Promise<void>;
  /** Begins to follow changes, as after the start; resolves when all objects have been handled once. */
  follow(): Promise<void>;
  slice(key: string): ChainSlice | undefined;
  /** Changes a slice, as a watch would; resolves when the kernel has the change. */
  setSlice(slice: ChainSlice): Promise<void>;
  setPort(port: Port): Promise<void>;
  stop(): Promise<void>;
}

export async function startNode(options: {
  readonly root: string;
  readonly objectFile: string;
  readonly childPath: string;
}): Promise<BenchNode> {
  const { root, objectFile, childPath } = options;
  const written = new Set<() => void>();
  const kernel = tellingWrites(startKernel({ childPath }), () => {
    for (const listener of written) listener();
  });
  const dataPath = await ensureDataPath({
    kernel,
    root,
    objectFile,
    vxlanPort,
    vtep: parseAddress('172.31.0.1'),
    underlayDevices: ['eth0'],
  });
  const { ports, networks, slices, nodes, definitions } = createAgentStores();
  const log = createLogger({ name: HERE, level: 'error' });
  let report = 0;
  const applyStatus = async (_: unknown, object: NodeReport) => {
    if (object.status?.vnis) report = JSON.stringify(object).length;
    return object;
  };
  const health = new Health({
    kernel,
    mapsDir: dataPath.mapsDir,
    ifindex: dataPath.probeIfindex,
    times: { intervalMs: 50, misses: 4 },
    log,
  });
  const context: AgentContext = {
    stores: { ports, networks, slices, nodes, definitions },
    local: new LocalState(HERE),
    applied: new Applied(),
    health,
    maps: new DataPathMaps({ kernel, directory: dataPath.mapsDir }),
    kernel,
    dataPath,
    // There is no API server here; the size of what would be written is measured.
    writer: { applyStatus } as unknown as Writer,
    node: { innerMtu: 1450, hasIpv6: true },
    log,
  };
  const controllers = createControllers(context, {
    metrics: createQueueMetrics(createRegistry()),
    past: new PastAgent({ context, events: { record: () => undefined }, startedWithout: 'Fence' }),
    report: {
      systemNamespace,
      agentVersion: 'bench',
      underlayMtu: () => 1500,
      startedAt: new Date(),
    },
  });
  const stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const generationInKernel = (key: string) => context.applied.slices.get(key)?.generation;
  return {
    mapsDir: dataPath.mapsDir,
    reportBytes: () => report,
    read: (resources) => {
      ports.replace(resources.ports);
      networks.replace(resources.networks);
      slices.replace(resources.slices);
      nodes.replace(NODES);
    },
    attach: async (port, netnsPath) => {
      const { uid, name } = port.spec.pod;
      const sandbox = { id: uid, podUid: uid, namespace: 'test', name, netnsPath };
      context.local.sandboxes.set(uid, sandbox);
      await attachPort(context, { port, sandbox });
    },
    takeOver: () => takeOver(context, { root, networkKeys: controllers.networkKeys }),
    follow: async () => {
      let last = performance.now();
      const unsubscribe = context.applied.subscribe(() => {
        last = performance.now();
      });
      running = controllers.run(stop.signal);
      while (performance.now() - last < QUIET_MS) await sleep(QUIET_MS / 4);
      unsubscribe();
    },
    slice: (key) => slices.get(key),
    setSlice: async (slice) => {
      const key = keyOf(slice);
      const arrived = new Promise<void>((resolve) => {
        const unsubscribe = context.applied.subscribe(() => {
          if (generationInKernel(key) !== slice.metadata.generation) return;
          unsubscribe();
          resolve();
        });
      });
      slices.set(slice);
      await arrived;
    },
    setPort: async (port) => {
      const arrived = new Promise<void>((resolve) => {
        const listener = () => {
          written.delete(listener);
          resolve();
        };
        written.add(listener);
      });
      ports.set(port);
      await arrived;
    },
    stop: async () => {
      stop.abort();
      await running;
      await health.close();
      await kernel.close();
    },
  };
}

/** The same kernel, with a callback when addresses were written. */
function tellingWrites(kernel: Kernel, onWritten: () => void): Kernel {
  return {
    ...kernel,
    mapUpdate: async (args) => {
      await kernel.mapUpdate(args);
      if (args.path.endsWith('/addresses')) onWritten();
      return undefined;
    },
  };
}
