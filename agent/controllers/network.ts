// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../api/conditions.ts';
import { isFormer } from '../../api/former.ts';
import type { ChainSlice, Port, VirtualNetwork } from '../../api/index.ts';
import { keyOf } from '../../api/key.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { factsOf } from '../observe/local.ts';
import { assembleChain, type Chain } from '../render/chain.ts';
import { renderNetwork } from '../render/network.ts';
import type { AppliedSlice } from './applied.ts';
import type { AgentContext } from './context.ts';
import { prepareInstances } from './straight.ts';

/**
 * Writes the kernel's entries of one network on this node, or deletes them when this node does not need the network. An
 * attachment also calls it, before its interface can send: so a pod never sends on a network without its chains.
 * @param key `namespace/name` of the VirtualNetwork
 */
export async function reconcileNetwork(context: AgentContext, key: string): Promise<PassResult | undefined> {
  const { stores, applied, maps } = context;
  const network = stores.networks.get(key);
  const vni = network?.status?.vni;
  const known = applied.networks.get(key);
  if (known && known.vni !== vni) await removeNetwork(context, key);
  const need = needOf(context, key, performance.now());
  if (!network || vni === undefined || need.kind === 'None') {
    await removeNetwork(context, key, vni);
    return undefined;
  }
  const slices = stores.slices.byIndex('network', key).filter(({ spec }) => spec.vni === vni);
  const ports = stores.ports.byIndex('network', key).filter((port) => isUsable(port, vni));
  const state = renderNetwork({
    vni,
    mtu: mtuOf(network, context),
    ports,
    chains: assembleChains(slices),
    facts: factsOf(context),
  });
  await prepareInstances(context, slices.flatMap(straightInstances));
  await applied.write(nameOf(key), () => maps.applyNetwork(state));
  applied.set(key, {
    vni,
    generation: network.metadata.generation ?? 0,
    slices: new Map(slices.map((slice) => [keyOf(slice), appliedOf(slice)])),
    hopNodes: new Set(slices.flatMap(hopNodesOf)),
  });
  return need.kind === 'Stays' ? { requeueAfterMs: need.leftMs } : undefined;
}

/** The name of a network in `Applied.refused`. */
export function nameOf(key: string): string {
  return `VirtualNetwork ${key}`;
}

function straightInstances({ spec }: ChainSlice): readonly number[] {
  return spec.straight ? (spec.hops ?? []).flatMap(({ instances }) => instances.map(({ id }) => id)) : [];
}

/** @param refused VNI of a network that a full map refused: some of its entries may be in the kernel */
async function removeNetwork({ applied, maps }: AgentContext, key: string, refused?: number): Promise<void> {
  const vni = applied.networks.get(key)?.vni ?? (applied.refused.has(nameOf(key)) ? refused : undefined);
  if (vni === undefined) return;
  await maps.removeNetwork(vni);
  applied.forgive(nameOf(key));
  applied.idleSince.delete(key);
  applied.delete(key);
}

/** Whether a Port is an accepted claim on the network's current VNI. The addresses of other Ports are not used. */
function isUsable(port: Port, vni: number): boolean {
  return port.spec.vni === vni && isTrue(port.status?.conditions, 'Accepted');
}

function mtuOf(network: VirtualNetwork, { node }: AgentContext): number {
  return network.status?.mtu ?? network.spec.mtu ?? node.innerMtu;
}

function assembleChains(slices: readonly ChainSlice[]): readonly Chain[] {
  const byChain = new Map<string, ChainSlice[]>();
  for (const slice of slices) {
    const key = `${slice.metadata.namespace}/${slice.spec.chain}`;
    byChain.set(key, [...(byChain.get(key) ?? []), slice]);
  }
  return [...byChain].flatMap(([key, each]) => assembleChain(key, each) ?? []);
}

function appliedOf(slice: ChainSlice): AppliedSlice {
  return { generation: slice.metadata.generation ?? 0, isFormer: isFormer(slice) };
}

function hopNodesOf({ spec }: ChainSlice): readonly string[] {
  return (spec.hops ?? []).flatMap(({ instances }) => instances.map(({ node }) => node));
}

/**
 * How long the networks of a removed instance stay on its node. Other nodes learn of the removal later, and until then
 * send its flows to this node, which bounces them.
 */
const STAY_MS = 10_000;

type Need = { readonly kind: 'Needed' | 'None' } | { readonly kind: 'Stays'; readonly leftMs: number };

function needOf(context: AgentContext, key: string, now: number): Need {
  const { applied, local } = context;
  if (isNeeded(context, key)) {
    applied.idleSince.delete(key);
    return { kind: 'Needed' };
  }
  if (!applied.idleSince.has(key) && applied.leadsThrough(key, local.node)) applied.idleSince.set(key, now);
  const leftMs = (applied.idleSince.get(key) ?? Number.NEGATIVE_INFINITY) + STAY_MS - now;
  return leftMs > 0 ? { kind: 'Stays', leftMs } : { kind: 'None' };
}

/**
 * Whether this node needs a network: a pod of this node is on it, or a chain of it names an instance on this node. Such an
 * instance may be gone already, but other nodes may still send to it.
 */
function isNeeded({ stores, local }: AgentContext, key: string): boolean {
  for (const port of stores.ports.byIndex('network', key)) {
    if (local.interfaceOf(keyOf(port)) !== undefined) return true;
  }
  return stores.slices.byIndex('network', key).some((slice) => hopNodesOf(slice).includes(local.node));
}
