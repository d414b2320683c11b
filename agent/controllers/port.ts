// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { isTrue } from '../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../api/index.ts';
import { keyOf, keyOfRef } from '../../api/key.ts';
import { withdrawalOf } from '../../api/withdrawn.ts';
import { attach, detach, ForeignInterfaceError } from '../apply/attachment.ts';
import type { LocalInterface, Sandbox } from '../observe/local.ts';
import { matesOf, networkFacts } from '../observe/network-facts.ts';
import { portsOfPod } from '../observe/stores.ts';
import {
  type Attachment,
  isFramePort,
  renderAttachment,
  renderRightAttachment,
  UnfitPortError,
} from '../render/attachment.ts';
import { bytesKey } from '../render/keys.ts';
import { renderPort } from '../render/node.ts';
import { rewrites } from '../render/paths.ts';
import { encodeU32 } from '../render/scalar.ts';
import type { AgentContext } from './context.ts';
import { reconcileNetwork } from './network.ts';
import { reportPort } from './port-condition.ts';
import { reconcileInstances, writeInstance } from './reach.ts';
import { prepareForStraightFlows } from './straight.ts';

/** Reconciles one Port: it is attached while the Port and the sandbox of its pod exist, else detached. */
export async function reconcilePort(context: AgentContext, key: string): Promise<void> {
  const { stores, local } = context;
  const port = stores.ports.get(key);
  if (!port || port.spec.node !== local.node || !isTrue(port.status?.conditions, 'Accepted')) {
    await detachPort(context, key);
    if (port?.spec.node === local.node && withdrawalOf(port)) await reportPort(context, port, 'Withdrawn');
    return;
  }
  const sandbox = local.sandboxOf(port);
  if (sandbox) {
    await attachPort(context, { port, sandbox }).catch(async (error: unknown) => {
      if (error instanceof ForeignInterfaceError) await reportPort(context, port, 'InterfaceInUse');
      throw error;
    });
    return reportPort(context, port, local.late.has(key) ? 'AttachedLate' : 'Attached');
  }
  if (local.interfaceOf(key)) return; // attached by an earlier agent; the runtime will list its sandbox
  return reportPort(context, port, 'Detached');
}

/**
 * Makes the interface of a Port in its pod: for the hook, for the runtime's list of pods, and for changes of a Port. The
 * network is in the kernel with all its chains before the interface goes up.
 */
export async function attachPort(
  context: AgentContext,
  { port, sandbox }: { readonly port: Port; readonly sandbox: Sandbox },
): Promise<void> {
  const { kernel, dataPath, local, maps, applied, stores } = context;
  const key = keyOf(port);
  const network = networkOf(context, port);
  const attachment = renderAttachment({
    port,
    netnsPath: sandbox.netnsPath,
    node: context.node,
    mates: matesOf(stores, port),
    ...(network ? { network: networkFacts(stores, network) } : {}),
  });
  const isFrames = isFramePort(port);
  // First, so that replies can pass before the first flow does.
  const right = isFrames ? await attachRight(context, port, attachment) : undefined;
  const { created } = await attach({
    kernel,
    paths: dataPath,
    attachment,
    beforeUp: async (ifindex) => {
      local.attached(key, { hostName: attachment.hostName, ifindex, ...(right && { right }) });
      const entry = renderPort(port, { ifindex, side: isFrames ? 'left' : undefined });
      if (port.spec.network) await reconcileNetwork(context, keyOfRef(port.spec.network));
      else {
        await writeInstance(context, port);
        await prepareForStraightFlows(context, port);
      }
      await applied.write(`Port ${key}`, () => maps.set('ports', entry.key, entry.value));
    },
  });
  local.completed(key, { sandboxId: sandbox.id, madeAt: created ? Date.now() : undefined });
}

/** Attaches the right interface of an instance that forwards frames between two. */
async function attachRight(
  { kernel, dataPath, maps, applied, node }: AgentContext,
  port: Port,
  left: Attachment,
): Promise<LocalInterface> {
  const attachment = renderRightAttachment(left, node);
  const { hostIfindex: ifindex } = await attach({
    kernel,
    paths: dataPath,
    attachment,
    beforeUp: async (host) => {
      const entry = renderPort(port, { ifindex: host, side: 'right' });
      await applied.write(`Port ${keyOf(port)}`, () => maps.set('ports', entry.key, entry.value));
    },
  });
  return { hostName: attachment.hostName, ifindex };
}

/**
 * How long a leaving instance still gets answers to packets that went through it. Meanwhile the openers of its flows
 * send through other instances, so those know the flows before the first answer reaches them.
 */
const ANSWERS_MS = 100;
/** How long an instance may hold a packet. */
const LEAVE_MS = 20;

/**
 * Removes the interface of a Port, if it exists, and all state of the Port on this node; other nodes stop sending to it when
 * the Port is deleted. The runtime's hook and the deletion of the Port may both call it: they share one removal.
 */
export function detachPort(context: AgentContext, key: string): Promise<void> {
  const { detaching } = context.local;
  const underWay = detaching.get(key);
  if (underWay) return underWay;
  const work = detachOnce(context, key).finally(() => detaching.delete(key));
  detaching.set(key, work);
  return work;
}

async function detachOnce(context: AgentContext, key: string): Promise<void> {
  const { kernel, local, maps, applied } = context;
  const known = local.interfaceOf(key);
  applied.forgive(`Port ${key}`);
  if (!known) return;
  await leavePaths(context, key);
  for (const { ifindex, hostName } of [known, ...(known.right ? [known.right] : [])]) {
    await maps.delete('ports', bytesKey(encodeU32(ifindex)));
    await detach({ kernel, hostName });
  }
  local.detached(key);
}

/** Moves the flows of an instance to other instances, while its interface still works. */
async function leavePaths(context: AgentContext, key: string): Promise<void> {
  const { stores, local, maps } = context;
  const port = stores.ports.get(key);
  const id = port?.spec.instance;
  // `leaving` is set first: a pass that writes all instances meanwhile must not add this one again.
  if (id !== undefined && port?.spec.function && !rewrites(port.spec.function)) {
    local.leaving(key, 'Answers');
    await writeInstance(context, port);
    await sleep(ANSWERS_MS);
  }
  local.leaving(key, 'Nothing');
  if (id !== undefined) {
    await maps.delete('instances', bytesKey(encodeU32(id)));
    await sleep(LEAVE_MS);
  } else if (!port) {
    // The Port was deleted before its pod ended, so its instance id is not known any more: write all instances.
    await reconcileInstances(context);
    await sleep(LEAVE_MS);
  }
}

/** Detaches all Ports of a pod whose sandbox has ended; its interfaces are gone with its namespace. */
export async function detachPod(
  context: AgentContext,
  pod: { readonly uid: string; readonly namespace: string; readonly name: string },
): Promise<void> {
  const { stores, local } = context;
  local.sandboxes.delete(pod.uid);
  for (const port of portsOfPod(stores, pod)) await detachPort(context, keyOf(port));
}

function networkOf({ stores }: AgentContext, port: Port): VirtualNetwork | undefined {
  if (!port.spec.network) return undefined;
  const key = keyOfRef(port.spec.network);
  const network = stores.networks.get(key);
  if (!network)
    throw new UnfitPortError(port, `spec.network: VirtualNetwork ${key} is not known to this node yet`);
  return network;
}
