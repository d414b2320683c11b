import { join } from 'node:path';
import { ensureDataPath } from '../../../agent/apply/datapath.ts';
import { DataPathMaps } from '../../../agent/apply/maps.ts';
import { Applied } from '../../../agent/controllers/applied.ts';
import type { AgentContext } from '../../../agent/controllers/context.ts';
import { reconcileNetwork } from '../../../agent/controllers/network.ts';
import { attachPort, detachPort } from '../../../agent/controllers/port.ts';
import { reconcileInstances, reconcileVteps } from '../../../agent/controllers/reach.ts';
import { takeOver } from '../../../agent/controllers/takeover.ts';
import { startKernel } from '../../../agent/kernel/kernel.ts';
import { observeDrops } from '../../../agent/observe/counters.ts';
import { LocalState } from '../../../agent/observe/local.ts';
import { createAgentStores } from '../../../agent/observe/stores.ts';
import type { Writer } from '../../../operator/runtime/apply.ts';
import { createLogger } from '../../../operator/runtime/log.ts';
import type { NodeCommand, NodeReply, NodeSetup, Resources } from './protocol.ts';

/**
 * One node of a test world: runs inside the node's network namespace and does what the agent does, with its own code,
 * but for the two ends that a kernel test has not got: the API server (the test sends the resources) and the
 * container runtime (the test says which namespace is a pod's).
 */
async function start(setup: NodeSetup): Promise<(command: NodeCommand) => Promise<unknown>> {
  const root = join(setup.bpffs, setup.node, 'heddle');
  const kernel = startKernel({ childPath: join(import.meta.dirname, '../../../agent/kernel/child.ts') });
  const dataPath = await ensureDataPath({
    kernel,
    root,
    objectFile: setup.objectFile,
    vxlanPort: setup.vxlanPort,
  });
  const { ports, networks, slices, nodes } = createAgentStores();
  const context: AgentContext = {
    stores: { ports, networks, slices, nodes },
    local: new LocalState(setup.node),
    applied: new Applied(),
    maps: new DataPathMaps({ kernel, directory: dataPath.mapsDir }),
    kernel,
    dataPath,
    // The status of Ports goes to the API server; here nobody reads it.
    writer: { applyStatus: async () => ({}) } as unknown as Writer,
    node: { innerMtu: setup.innerMtu, hasIpv6: true },
    log: createLogger({ name: setup.node, level: 'warn' }),
  };
  const networkKeys = () => [...networks.keys()];
  const read = (resources: Resources) => {
    ports.replace(resources.ports);
    networks.replace(resources.networks);
    slices.replace(resources.slices);
    nodes.replace(resources.nodes);
  };
  const converge = async () => {
    await reconcileVteps(context);
    await reconcileInstances(context);
    for (const key of networkKeys()) await reconcileNetwork(context, key);
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
        return takeOver(context, { root, networkKeys });
      case 'drops':
        return observeDrops(kernel, dataPath.mapsDir);
      case 'dumpMap':
        return kernel.mapDump({ path: join(dataPath.mapsDir, command.map) });
      case 'deleteEntries':
        return kernel.mapDelete({ ...command, path: join(dataPath.mapsDir, command.map) });
      case 'stop':
        await kernel.close();
        setImmediate(() => process.disconnect?.());
        return undefined;
    }
  };
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
