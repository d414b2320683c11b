// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureDataPath } from '../../../agent/apply/datapath.ts';
import { MapFullError } from '../../../agent/apply/map-full.ts';
import { DataPathMaps } from '../../../agent/apply/maps.ts';
import { Applied } from '../../../agent/controllers/applied.ts';
import type { AgentContext } from '../../../agent/controllers/context.ts';
import { adoptHealth, followHealth } from '../../../agent/controllers/health.ts';
import { reconcileNetwork } from '../../../agent/controllers/network.ts';
import { attachPort, detachPort } from '../../../agent/controllers/port.ts';
import { reconcileInstances, reconcileVteps } from '../../../agent/controllers/reach.ts';
import { takeOver } from '../../../agent/controllers/takeover.ts';
import { UnderlayFollower } from '../../../agent/controllers/underlay.ts';
import { Health } from '../../../agent/health/health.ts';
import { instanceName, registerHealthMetrics } from '../../../agent/health/metrics.ts';
import { startKernel } from '../../../agent/kernel/kernel.ts';
import { observeDrops } from '../../../agent/observe/counters.ts';
import { LocalState } from '../../../agent/observe/local.ts';
import { createAgentStores } from '../../../agent/observe/stores.ts';
import { observeUnderlay } from '../../../agent/observe/underlay.ts';
import { createTracer } from '../../../agent/trace/route.ts';
import { parseAddress } from '../../../api/net/address.ts';
import type { Writer } from '../../../kube/apply.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { Registry } from '../../../kube/base/metrics.ts';
import type { NodeCommand, NodeHealth, NodeReply, NodeSetup, Resources } from './protocol.ts';

/** The same values as in the chart. */
const PROBE_MISSES = 4;
/** A device of the underlay besides that with the node's address, which most tests do not make. */
const LATER_DEVICE = 'later0';
/** Longer than the time for which the agent collects changes before it changes its probes. */
const RETARGET_MS = 8;

/**
 * Runs one node of a test world inside the node's network namespace. It does what the agent does, with the agent's own
 * code, except for two parts that a kernel test lacks: the API server (the test sends the resources) and the container
 * runtime (the test names the namespace of a pod).
 */
async function start(setup: NodeSetup): Promise<(command: NodeCommand) => Promise<unknown>> {
  const root = join(setup.bpffs, setup.node, 'heddle');
  let onRestart = (): void => undefined;
  const kernel = startKernel({
    childPath: join(import.meta.dirname, '../../../agent/kernel/child.ts'),
    onRestart: () => onRestart(),
  });
  const own = parseAddress(setup.vtep);
  const found = await observeUnderlay(kernel, own);
  const dataPath = await ensureDataPath({
    kernel,
    root,
    objectFile: setup.objectFile,
    vxlanPort: setup.vxlanPort,
    vtep: own,
    underlayDevices: [found.device, LATER_DEVICE],
    encapsulateBy: setup.encapsulateBy,
  });
  const underlay = new UnderlayFollower({ kernel, dataPath, own, found, devices: [LATER_DEVICE] });
  const { ports, networks, slices, nodes, definitions } = createAgentStores();
  const log = createLogger({ name: setup.node, level: 'warn' });
  const health = new Health({
    kernel,
    mapsDir: dataPath.mapsDir,
    ifindex: dataPath.probeIfindex,
    times: { intervalMs: setup.probeIntervalMs, misses: PROBE_MISSES },
    log,
  });
  const registry = new Registry();
  registerHealthMetrics({
    registry,
    kernel,
    mapsDir: dataPath.mapsDir,
    health,
    nameOf: (id) => instanceName(ports.byIndex('instance', String(id))[0]),
  });
  onRestart = () => {
    context.maps.invalidate();
    health.restart();
  };
  const context: AgentContext = {
    stores: { ports, networks, slices, nodes, definitions },
    local: new LocalState(setup.node),
    applied: new Applied(),
    health,
    maps: new DataPathMaps({ kernel, directory: dataPath.mapsDir }),
    kernel,
    dataPath,
    // The status of Ports would go to the API server; nothing reads it here.
    writer: { applyStatus: async () => ({}) } as unknown as Writer,
    node: { innerMtu: setup.innerMtu, hasIpv6: true },
    log,
  };
  const trace = createTracer({
    kernel,
    mapsDir: dataPath.mapsDir,
    local: context.local,
    stores: context.stores,
    node: context.node,
  });
  await adoptHealth(context);
  const networkKeys = () => [...networks.keys()];
  const read = (resources: Resources) => {
    ports.replace(resources.ports);
    networks.replace(resources.networks);
    slices.replace(resources.slices);
    nodes.replace(resources.nodes);
  };
  let isFollowing = false;
  const follow = () => {
    if (isFollowing) return;
    isFollowing = true;
    followHealth(context, {
      network: (key) => void reconcileNetwork(context, key),
      instances: () => void reconcileInstances(context),
      report: () => undefined,
    });
  };
  const converge = async () => {
    await reconcileVteps(context);
    await reconcileInstances(context);
    for (const key of networkKeys()) {
      await reconcileNetwork(context, key).catch((error: unknown) => {
        // The agent's controller retries too: one network must not block the others.
        if (!(error instanceof MapFullError)) throw error;
      });
    }
    follow();
    await settle(health);
  };
  return async (command) => {
    switch (command.kind) {
      case 'resources':
        read(command);
        return converge();
      case 'attach': {
        const port = ports.get(command.portKey);
        if (!port) throw new Error(`no Port ${command.portKey}`);
        const { uid, name } = port.spec.pod;
        const sandbox = { id: uid, podUid: uid, namespace: 'test', name, netnsPath: command.netnsPath };
        context.local.sandboxes.set(uid, sandbox);
        await attachPort(context, { port, sandbox });
        return converge();
      }
      case 'detach':
        await detachPort(context, command.portKey);
        return converge();
      case 'takeOverWith':
        read(command);
        await takeOver(context, { root, networkKeys });
        return follow();
      case 'followUnderlay':
        await underlay.reconcile();
        return underlay.underlay;
      case 'metrics':
        return registry.metrics();
      case 'health':
        return {
          down: health.down,
          unreachable: health.unreachable,
          failure: health.failure,
        } satisfies NodeHealth;
      case 'refused':
        return Object.fromEntries(context.applied.refused);
      case 'drops':
        return observeDrops(kernel, dataPath.mapsDir);
      case 'dumpMap':
        return kernel.mapDump({ path: join(dataPath.mapsDir, command.map) });
      case 'deleteEntries':
        return kernel.mapDelete({ ...command, path: join(dataPath.mapsDir, command.map) });
      case 'trace':
        return trace(command.query);
      case 'stop':
        await health.close();
        await kernel.close();
        setImmediate(() => process.disconnect?.());
        return undefined;
    }
  };
}

/**
 * Waits for first probes: an instance is used only after its first probe came back, and the test wants to use it now.
 */
async function settle(health: Health): Promise<void> {
  await sleep(RETARGET_MS);
  if (health.proving.length === 0) return;
  while (health.proving.length > 0) await sleep(5);
  // The results are in the kernel when the pending writes are done.
  await sleep(RETARGET_MS);
}

let handle: ((command: NodeCommand) => Promise<unknown>) | undefined;

process.on('message', async (message: { id: number; setup?: NodeSetup; command?: NodeCommand }) => {
  const reply = (answer: NodeReply) => process.send?.(answer);
  try {
    if (message.setup) handle = await start(message.setup);
    const result = message.command ? await handle?.(message.command) : undefined;
    reply({ id: message.id, result });
  } catch (error) {
    reply({ id: message.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
