// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { isTrue } from '../../api/conditions.ts';
import { annotations, chainInterface, frameInterfaces, type Port } from '../../api/index.ts';
import { keyOf, keyOfRef } from '../../api/key.ts';
import { parseNetworksAnnotation } from '../../api/networks-annotation.ts';
import { formatComplaint } from '../../api/parsed.ts';
import type { PluginHandlers, RuntimePod } from '../nri/plugin.ts';
import type { Sandbox } from '../observe/local.ts';
import type { AgentContext } from './context.ts';
import { attachPort, detachPod } from './port.ts';

/** How long a hook waits for the operator to create a Port. The runtime calls the hooks of a node one by one. */
const PORT_WAIT_MS = 1000;

export interface HookOptions {
  readonly context: AgentContext;
  /** Resolves when the stores are complete. A network that is written earlier could lack a chain. */
  readonly synced: Promise<void>;
  /** Called with the duration of an attachment in milliseconds, from the hook's call until the interface is up. */
  readonly onAttached: (ms: number) => void;
  /** Called when a sandbox of the Port's pod was added or removed: the Port must be reconciled. */
  readonly enqueuePort: (key: string) => void;
}

/**
 * Creates the handlers of the container runtime's calls. An error fails the sandbox or the container, and the kubelet
 * retries: a pod that requests a network never starts without it.
 */
export function createHooks({ context, synced, onAttached, enqueuePort }: HookOptions): PluginHandlers {
  const { local, stores, log } = context;
  return {
    synchronize: async (pods) => {
      for (const pod of pods) {
        const sandbox = sandboxOf(pod);
        if (!sandbox || expectedInterfaces(pod).length === 0) continue;
        local.sandboxes.set(pod.uid, sandbox);
        for (const key of stores.ports.keysByIndex('pod', pod.uid)) enqueuePort(key);
      }
      log.info({ pods: pods.length }, 'the container runtime listed its pods');
    },
    runPodSandbox: async (pod) => {
      const names = expectedInterfaces(pod);
      if (names.length === 0) return;
      const sandbox = sandboxOf(pod);
      if (!sandbox) throw new Error(`pod ${nameOf(pod)} asks for networks but is on the host's network`);
      const started = performance.now();
      await waitForStores(pod, synced);
      const ports = await waitForPorts(context, pod, names);
      local.sandboxes.set(pod.uid, sandbox);
      const found = performance.now();
      for (const port of ports) await attachPort(context, { port, sandbox });
      const ms = performance.now() - found;
      onAttached(ms);
      log.info({ pod: nameOf(pod), interfaces: names, waitMs: found - started, attachMs: ms }, 'attached');
      for (const port of ports) enqueuePort(keyOf(port));
    },
    createContainer: async (pod) => {
      const missing = expectedInterfaces(pod).filter((name) => !isAttached(context, pod, name));
      if (missing.length > 0)
        throw new Error(`pod ${nameOf(pod)} has not got its interface ${missing.join(', ')} yet`);
    },
    stopPodSandbox: (pod) => forget(context, pod),
    removePodSandbox: (pod) => forget(context, pod),
  };

  async function forget({ local: state }: AgentContext, pod: RuntimePod): Promise<void> {
    // The pod may have a newer sandbox by now, if its first one failed; the newer one stays.
    if (state.sandboxes.get(pod.uid)?.id !== pod.id) return;
    const keys = stores.ports.keysByIndex('pod', pod.uid);
    await detachPod(context, pod.uid);
    for (const key of keys) enqueuePort(key);
  }
}

/** Names of the interfaces that a pod must have. Throws on an invalid annotation; the operator's Event describes it. */
function expectedInterfaces(pod: RuntimePod): readonly string[] {
  const text = pod.annotations[annotations.networks]?.trim() ?? '';
  const asked = pod.annotations[annotations.chainInterface];
  // A Port with the name of the left one of two interfaces represents both.
  const own = asked === frameInterfaces.join(',') ? frameInterfaces[0] : chainInterface;
  const chain = asked === undefined ? [] : [own];
  if (text === '') return chain;
  const parsed = parseNetworksAnnotation(text, pod.namespace);
  if (!parsed.ok) {
    throw new Error(
      `pod ${nameOf(pod)}: annotation ${annotations.networks}: ${formatComplaint(parsed.complaint)}`,
    );
  }
  return [...chain, ...parsed.value.map((network) => network.interface)];
}

function sandboxOf(pod: RuntimePod): Sandbox | undefined {
  if (pod.netnsPath === undefined) return undefined;
  const { id, uid, namespace, name, netnsPath } = pod;
  return { id, podUid: uid, namespace, name, netnsPath };
}

function findPorts({ stores }: AgentContext, pod: RuntimePod, names: readonly string[]): readonly Port[] {
  const accepted = stores.ports
    .byIndex('pod', pod.uid)
    .filter((port) => isTrue(port.status?.conditions, 'Accepted'));
  return names.flatMap((name) => accepted.find(({ spec }) => spec.interface === name) ?? []);
}

/** Waits until the agent has read all resources, for a limited time; the kubelet retries after an error. */
async function waitForStores(pod: RuntimePod, synced: Promise<void>): Promise<void> {
  const late = sleep(PORT_WAIT_MS, 'Late' as const, { ref: false });
  if ((await Promise.race([synced, late])) === 'Late')
    throw new Error(`pod ${nameOf(pod)}: the agent has not read all resources yet`);
}

/** Waits for the pod's Ports. The operator creates them when the pod appears, so they nearly always exist by now. */
function waitForPorts(
  context: AgentContext,
  pod: RuntimePod,
  names: readonly string[],
): Promise<readonly Port[]> {
  return new Promise((resolve, reject) => {
    const look = (): boolean => {
      const ports = findPorts(context, pod, names);
      if (ports.length === names.length) resolve(ports);
      return ports.length === names.length;
    };
    if (look()) return;
    const unsubscribe = context.stores.ports.subscribe(() => {
      if (look()) finish();
    });
    const timer = setTimeout(() => {
      finish();
      const found = findPorts(context, pod, names).map(({ spec }) => spec.interface);
      const missing = names.filter((name) => !found.includes(name));
      reject(
        new Error(
          `pod ${nameOf(pod)}: no address was allocated for ${missing.join(', ')} yet; see the pod's events`,
        ),
      );
    }, PORT_WAIT_MS);
    const finish = () => {
      unsubscribe();
      clearTimeout(timer);
    };
  });
}

function isAttached({ stores, local }: AgentContext, pod: RuntimePod, name: string): boolean {
  const port = stores.ports.byIndex('pod', pod.uid).find(({ spec }) => spec.interface === name);
  return port !== undefined && local.interfaceOf(keyOf(port)) !== undefined;
}

function nameOf(pod: RuntimePod): string {
  return keyOfRef(pod);
}
