import { isTrue } from '../../operator/api/conditions.ts';
import type { ChainSlice, Port, VirtualNetwork } from '../../operator/api/index.ts';
import { factsOf } from '../observe/local.ts';
import { assembleChain, type Chain } from '../render/chain.ts';
import { renderNetwork } from '../render/network.ts';
import type { AgentContext } from './context.ts';
import { prepareInstances } from './straight.ts';

/**
 * Makes the kernel's entries of one network what they must be on this node, or takes them out when nothing here needs
 * it. Also called by an attachment, before its interface can send: a pod never meets a network without its chains.
 * @param key `namespace/name` of the VirtualNetwork
 */
export async function reconcileNetwork(context: AgentContext, key: string): Promise<void> {
  const { stores, applied, maps } = context;
  const network = stores.networks.get(key);
  const vni = network?.status?.vni;
  const known = applied.networks.get(key);
  if (known && known.vni !== vni) await removeNetwork(context, key);
  if (!network || vni === undefined || !isNeeded(context, key)) return removeNetwork(context, key);
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
  await maps.applyNetwork(state);
  applied.set(key, {
    vni,
    generation: network.metadata.generation ?? 0,
    slices: new Map(slices.map(({ metadata }) => [keyOf(metadata), metadata.generation ?? 0])),
    hopNodes: new Set(slices.flatMap(hopNodesOf)),
  });
}

function straightInstances({ spec }: ChainSlice): readonly number[] {
  return spec.straight ? (spec.hops ?? []).flatMap(({ instances }) => instances.map(({ id }) => id)) : [];
}

async function removeNetwork({ applied, maps }: AgentContext, key: string): Promise<void> {
  const known = applied.networks.get(key);
  if (!known) return;
  await maps.removeNetwork(known.vni);
  applied.delete(key);
}

/** A claim that lost, or of an id that the network had before, is nobody's address. */
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

function hopNodesOf({ spec }: ChainSlice): readonly string[] {
  return (spec.hops ?? []).flatMap(({ instances }) => instances.map(({ node }) => node));
}

/** A node needs a network that a pod of its own is on, or that a function's instance of its own serves. */
function isNeeded({ stores, local }: AgentContext, key: string): boolean {
  const isHere = (port: Port) => local.interfaceOf(keyOf(port.metadata)) !== undefined;
  for (const port of stores.ports.byIndex('network', key)) if (isHere(port)) return true;
  const here = new Set(
    stores.ports
      .byIndex('role', 'instance')
      .filter(isHere)
      .map(({ spec }) => spec.instance),
  );
  if (here.size === 0) return false;
  const hops = stores.slices.byIndex('network', key).flatMap(({ spec }) => spec.hops ?? []);
  return hops.some(({ instances }) => instances.some(({ id }) => here.has(id)));
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
