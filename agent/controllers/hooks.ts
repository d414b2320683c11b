// SPDX-License-Identifier: Apache-2.0
import { keyOf, keyOfRef } from '../../api/key.ts';
import type { PluginHandlers, RuntimePod } from '../nri/plugin.ts';
import type { Sandbox } from '../observe/local.ts';
import { portsOfPod } from '../observe/stores.ts';
import type { AgentContext } from './context.ts';
import { Starter } from './hook/start.ts';
import { asksForInterfaces } from './hook/wanted.ts';
import type { PastAgent } from './past/past.ts';
import { detachPod } from './port.ts';

export interface HookOptions {
  readonly context: AgentContext;
  /** Resolves when the stores are complete. A network that is written earlier could lack a chain. */
  readonly synced: Promise<void>;
  /** Called with the duration of an attachment in milliseconds, without the wait for Ports. */
  readonly onAttached: (ms: number) => void;
  /** Called when a sandbox of the Port's pod was added or removed: the Port must be reconciled. */
  readonly enqueuePort: (key: string) => void;
  /** Pods that have started past the agent. */
  readonly past: Pick<PastAgent, 'list' | 'forget'>;
  /** Called when the runtime has listed the pod of this uid, or when the pod has ended. */
  readonly enqueuePast: (uid: string) => void;
}

/**
 * Creates the handlers of the container runtime's calls. A container of a pod that asks for networks is refused until all
 * interfaces are complete, and the kubelet retries. A sandbox is never refused: it is costly to make again, and as long as it
 * exists, the pod's interfaces can be made in it.
 */
export function createHooks(options: HookOptions): PluginHandlers {
  const { context, enqueuePort, past, enqueuePast } = options;
  const { local, stores, log } = context;
  const starter = new Starter(options);
  const reconcilePorts = (pod: RuntimePod) => {
    for (const port of portsOfPod(stores, pod)) enqueuePort(keyOf(port));
  };
  return {
    synchronize: async (pods, containers) => {
      starter.keep(new Set(pods.map(({ uid }) => uid)));
      const containersOf = Map.groupBy(containers, ({ podId }) => podId);
      for (const pod of pods) {
        const sandbox = sandboxOf(pod);
        if (!sandbox) continue;
        local.sandboxes.set(pod.uid, sandbox);
        reconcilePorts(pod);
        if (!asksForInterfaces(pod)) continue;
        past.list(pod, sandbox, containersOf.get(pod.id) ?? []);
        enqueuePast(pod.uid);
      }
      log.info({ pods: pods.length }, 'the container runtime listed its pods');
    },
    runPodSandbox: async (pod) => {
      const sandbox = sandboxOf(pod);
      if (!sandbox) return;
      // From now on a Port that comes is attached at once. So it is set before anybody looks for Ports. A pod that asks for
      // nothing now may be told to join while it runs.
      local.sandboxes.set(pod.uid, sandbox);
      if (asksForInterfaces(pod)) await starter.prepare(pod, sandbox);
      reconcilePorts(pod);
    },
    createContainer: async (pod) => {
      if (!asksForInterfaces(pod)) return;
      const sandbox = sandboxOf(pod);
      if (!sandbox) {
        if (!starter.asksForOurs(pod)) return;
        throw new Error(`pod ${keyOfRef(pod)} asks for networks but is on the host's network`);
      }
      local.sandboxes.set(pod.uid, sandbox);
      await starter.admit(pod, sandbox).catch((error: unknown) => {
        reconcilePorts(pod);
        throw error;
      });
    },
    stopPodSandbox: (pod) => forget(pod),
    removePodSandbox: (pod) => forget(pod),
  };

  async function forget(pod: RuntimePod): Promise<void> {
    // The pod may have a newer sandbox by now, if its first one failed; the newer one stays.
    if (local.sandboxes.get(pod.uid)?.id !== pod.id) return;
    starter.forget(pod.uid);
    past.forget(pod.uid);
    enqueuePast(pod.uid);
    const keys = portsOfPod(stores, pod).map(keyOf);
    await detachPod(context, pod);
    for (const key of keys) enqueuePort(key);
  }
}

function sandboxOf(pod: RuntimePod): Sandbox | undefined {
  if (pod.netnsPath === undefined) return undefined;
  const { id, uid, namespace, name, netnsPath } = pod;
  return { id, podUid: uid, namespace, name, netnsPath };
}
