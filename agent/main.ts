// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { release } from '../api/generated/version.ts';
import { annotations } from '../api/names.ts';
import { parseAddress } from '../api/net/address.ts';
import { Writer } from '../kube/apply.ts';
import { systemClock } from '../kube/base/clock.ts';
import { UsageError } from '../kube/base/flags.ts';
import { startHttpServer } from '../kube/base/http.ts';
import { createLogger, type Logger } from '../kube/base/log.ts';
import { createRegistry } from '../kube/base/metrics.ts';
import { loadKubeConfig } from '../kube/credentials.ts';
import { EventRecorder } from '../kube/events.ts';
import { createQueueMetrics, createReflectorMetrics } from '../kube/metrics.ts';
import { createTokenAccess } from '../kube/token-access.ts';
import { createTransport } from '../kube/transport.ts';
import { requireBpffs } from './apply/bpffs.ts';
import { ensureDataPath } from './apply/datapath.ts';
import { DataPathMaps } from './apply/maps.ts';
import { Applied } from './controllers/applied.ts';
import type { AgentContext } from './controllers/context.ts';
import { createControllers } from './controllers/controllers.ts';
import { adoptHealth } from './controllers/health.ts';
import { Gate } from './controllers/hook/gate.ts';
import { createHooks } from './controllers/hooks.ts';
import { PastAgent } from './controllers/past/past.ts';
import { takeOver } from './controllers/takeover.ts';
import { UnderlayFollower } from './controllers/underlay.ts';
import { Health } from './health/health.ts';
import { instanceName, registerHealthMetrics } from './health/metrics.ts';
import { startKernel } from './kernel/kernel.ts';
import { runPluginThread } from './nri/plugin-thread.ts';
import { LocalState } from './observe/local.ts';
import { registerAttachments, registerDataPathMetrics } from './observe/metrics.ts';
import { PluginWatch } from './observe/plugin.ts';
import { serveCounters } from './observe/route.ts';
import { createAgentObservation } from './observe/stores.ts';
import { observeUnderlay } from './observe/underlay.ts';
import { type AgentOptions, parseOptions } from './options.ts';
import { serveTrace } from './trace/route.ts';

/** How long an agent that ends waits for Events that are not sent yet. */
const LAST_EVENTS_MS = 500;

/** The agent: what the API and the container runtime say, made true in this node's kernel. */
async function main(options: AgentOptions): Promise<void> {
  const log = createLogger({ name: 'agent', level: options.logLevel });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const registry = createRegistry();
  // First and last: pods that start while the plugin is not there start without their interfaces.
  const gate = new Gate();
  const plugin = new PluginWatch(registry);
  const unplug = new AbortController();
  const plugged = runPluginThread({
    threadPath: besides('agent-nri-thread.mjs', './nri/thread.ts'),
    concerns: [annotations.networks, annotations.ownNetworks, annotations.chainInterface],
    socketPath: options.nriSocket,
    name: 'heddle',
    index: '10',
    handlers: gate.handlers,
    log,
    signal: unplug.signal,
    onStage: (stage) => plugin.reached(stage),
  });
  const transport = createTransport({
    config: loadKubeConfig(options.kubeconfig),
    userAgent: `heddle-agent/${release}`,
  });
  const reviews = createTransport({
    config: loadKubeConfig(options.kubeconfig),
    userAgent: `heddle-agent/${release}`,
    maxRequests: 2,
  });
  const observation = createAgentObservation({ transport, log, metrics: createReflectorMetrics(registry) });
  const running = [observation.run(stop.signal)];

  const restarts: (() => void)[] = [];
  const kernel = startKernel({
    childPath: besides('agent-kernel-child.mjs', './kernel/child.ts'),
    sysctlRoot: join(options.procRoot, 'sys'),
    onRestart: (reason) => {
      log.warn({ reason }, 'the kernel process was started anew');
      for (const restart of restarts) restart();
    },
  });
  // Nothing up to the open gate needs the API: also while that is away, pods that ended are taken note of.
  const nodeAddress = options.nodeIp ?? (await waitForNodeAddress(observation, options.node, log));
  const own = parseAddress(nodeAddress);
  const found = await observeUnderlay(kernel, own);
  requireBpffs(options.bpffs);
  const root = join(options.bpffs, 'heddle');
  const dataPath = await ensureDataPath({
    kernel,
    root,
    objectFile: options.bpfObject ?? besides('heddle.bpf.o', '../dist/heddle.bpf.o'),
    vxlanPort: options.vxlanPort,
    vtep: own,
    underlayDevices: [found.device, ...options.underlayDevices],
    encapsulateBy: options.encapsulateBy,
    flowEntries: options.flows,
  });
  if (!dataPath.checksUnderlay) {
    log.warn(
      'this kernel has no fib expression of nftables (NFT_FIB_INET): VXLAN is taken in by every device',
    );
  }
  const underlay = new UnderlayFollower({ kernel, dataPath, own, found, devices: options.underlayDevices });
  const maps = new DataPathMaps({ kernel, directory: dataPath.mapsDir });
  const health = new Health({
    kernel,
    mapsDir: dataPath.mapsDir,
    ifindex: dataPath.probeIfindex,
    times: { intervalMs: options.probeIntervalMs, misses: options.probeMisses },
    log,
  });
  restarts.push(
    () => maps.invalidate(),
    () => health.restart(),
  );
  let synced = false;
  const context: AgentContext = {
    stores: observation.stores,
    local: new LocalState(options.node),
    applied: new Applied(),
    health,
    maps,
    kernel,
    dataPath,
    writer: new Writer({ transport, fieldManager: 'heddle-agent' }),
    node: {
      get innerMtu() {
        return underlay.underlay.innerMtu;
      },
      hasIpv6: existsSync('/proc/net/if_inet6'),
    },
    log,
  };
  await adoptHealth(context);
  const reporter = { component: 'heddle-agent', instance: options.node };
  const events = new EventRecorder({ writer: context.writer, reporter, log });
  const past = new PastAgent({ context, events, startedWithout: options.startedWithout });
  const controllers = createControllers(context, {
    metrics: createQueueMetrics(registry),
    past,
    underlay,
    report: {
      systemNamespace: options.namespace,
      agentVersion: release,
      underlayMtu: () => underlay.underlay.mtu,
      startedAt: new Date(),
      starts: () => ({ without: past.without, waitedMs: plugin.waitedMs }),
    },
  });
  const attachments = registerAttachments(registry);
  const { local, stores } = context;
  const sources = { kernel, mapsDir: dataPath.mapsDir, local, stores, sizes: () => maps.sizes() };
  registerDataPathMetrics(registry, sources);
  registerHealthMetrics({
    registry,
    kernel,
    mapsDir: dataPath.mapsDir,
    health,
    nameOf: (id) => instanceName(context.stores.ports.byIndex('instance', String(id))[0]),
  });
  gate.open(
    createHooks({
      context,
      synced: observation.synced,
      onAttached: (ms) => attachments.observe(ms / 1000),
      enqueuePort: (key) => controllers.ports.enqueue(key),
      past,
      enqueuePast: (uid) => controllers.past.enqueue(uid),
    }),
  );
  const server = await startHttpServer({
    version: release,
    port: options.httpPort,
    registry,
    log,
    access: createTokenAccess({ transport: reviews, clock: systemClock, log, name: 'heddle-agent' }),
    readyChecks: {
      api: () => (synced ? undefined : `not read yet: ${observation.missing().join(', ')}`),
      nri: () => plugin.problem,
    },
    routes: (app) => {
      serveCounters(app, sources);
      serveTrace(app, { ...sources, node: context.node });
    },
  });
  log.info({ node: options.node, ...found, ...dataPath, version: release }, 'the data path is up');

  await Promise.race([observation.synced, aborted(stop.signal)]);
  if (!stop.signal.aborted) {
    await takeOver(context, { root, networkKeys: controllers.networkKeys });
    synced = true;
    log.info('all resources are read');
    running.push(controllers.run(stop.signal));
  }
  await aborted(stop.signal);
  // Nothing is taken down: the kernel forwards while no agent is there.
  log.info('stopping; the data path stays as it is');
  gate.shut();
  await Promise.race([events.flush(), sleep(LAST_EVENTS_MS)]);
  await health.close();
  await Promise.all([...running, server.close()]);
  await kernel.close();
  transport.close();
  reviews.close();
  unplug.abort();
  await plugged;
}

/** A file of the bundle's folder, or of the source tree when the agent runs from there. */
function besides(bundled: string, source: string): string {
  const path = join(import.meta.dirname, bundled);
  return existsSync(path) ? path : join(import.meta.dirname, source);
}

async function waitForNodeAddress(
  observation: ReturnType<typeof createAgentObservation>,
  node: string,
  log: Logger,
): Promise<string> {
  for (;;) {
    const address = observation.stores.nodes.get(node)?.status.internalIPs[0];
    if (address !== undefined) return address;
    log.info({ node }, 'waiting for the Node object and its InternalIP');
    await sleep(250);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

try {
  await main(parseOptions(process.argv.slice(2), process.env));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`heddle-agent: ${error.message}`);
  process.exitCode = 2;
}
