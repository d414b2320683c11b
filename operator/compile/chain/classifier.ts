import type { ChainPeer } from '../../../api/index.ts';
import { matchesLabels } from './selector.ts';
import type { CidrBlock, End } from './types.ts';

/** A pod on the network: an Accepted Port of it and what selectors look at. */
export interface Member {
  /** Key of the Port. */
  readonly port: string;
  readonly node: string;
  readonly addresses: readonly string[];
  /** CIDRs that the Port may send and receive besides its addresses. */
  readonly prefixes: readonly string[];
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/**
 * One end of a chain: an absent list is everything on the network. A list whose peers select nothing is
 * nothing, never everything. What a selected pod owns besides its addresses belongs to it here too.
 */
export function resolveEnd(options: {
  readonly peers: readonly ChainPeer[] | undefined;
  readonly members: readonly Member[];
  /** Of the chain: pod selectors without a namespace selector look there only. */
  readonly namespace: string;
}): End {
  if (!options.peers) return EVERYTHING;
  const ends = resolved.get(options.members) ?? new Map<string, End>();
  resolved.set(options.members, ends);
  const key = JSON.stringify([options.namespace, options.peers]);
  const end = ends.get(key) ?? resolveAnew({ ...options, peers: options.peers });
  if (ends.size === MOST_ENDS) ends.clear();
  ends.set(key, end);
  return end;
}

/** Ends that are remembered of one list of members; more than its chains have, but for a while of edits. */
const MOST_ENDS = 64;
const EVERYTHING: End = { any: true, cidrs: [], addresses: [] };

/** By the list of members: most passes over a chain are for its hops or its status, and change neither end. */
const resolved = new WeakMap<readonly Member[], Map<string, End>>();

function resolveAnew(options: {
  readonly peers: readonly ChainPeer[];
  readonly members: readonly Member[];
  readonly namespace: string;
}): End {
  const blocks = new Map<string, CidrBlock>();
  const addresses = new Set<string>();
  for (const peer of options.peers) {
    if (peer.cidr !== undefined) addBlock(blocks, { cidr: peer.cidr, ...renderExcept(peer.except) });
  }
  const selectors = options.peers.filter(selectsPods);
  for (const member of options.members) {
    if (!selectors.some((peer) => selectsMember(peer, member, options.namespace))) continue;
    for (const address of member.addresses) addresses.add(address);
    for (const cidr of member.prefixes) addBlock(blocks, { cidr });
  }
  const keys = [...blocks.keys()].sort();
  return { any: false, cidrs: keys.map((key) => blocks.get(key)!), addresses: [...addresses].sort() };
}

/** Whether a peer's meaning depends on the labels of pods or namespaces. */
export function selectsPods(peer: ChainPeer): boolean {
  return peer.podSelector !== undefined || peer.namespaceSelector !== undefined;
}

/** Whether a peer selects a pod, by its labels and those of its namespace. */
export function selectsMember(
  peer: ChainPeer,
  member: Pick<Member, 'namespace' | 'podLabels' | 'namespaceLabels'>,
  namespace: string,
): boolean {
  if (!selectsPods(peer)) return false;
  const inNamespace = peer.namespaceSelector
    ? matchesLabels(peer.namespaceSelector, member.namespaceLabels)
    : member.namespace === namespace;
  return inNamespace && matchesLabels(peer.podSelector ?? {}, member.podLabels);
}

function addBlock(blocks: Map<string, CidrBlock>, block: CidrBlock): void {
  blocks.set(`${block.cidr} ${(block.except ?? []).join()}`, block);
}

function renderExcept(except: readonly string[] | undefined): { except?: readonly string[] } {
  return except?.length ? { except: [...except].sort() } : {};
}
