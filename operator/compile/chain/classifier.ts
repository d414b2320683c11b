// SPDX-License-Identifier: Apache-2.0
import type { ChainEndpoint } from '../../../api/index.ts';
import { ALL_IPV4, coversMapped, mappedPrefix } from '../../../api/net/mapped.ts';
import { tryParsePrefix } from '../../../api/net/prefix.ts';
import { matchesLabels } from './selector.ts';
import type { CidrBlock, End } from './types.ts';

/** A pod on the network: its Port, and the labels that selectors match. */
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
 * Resolves one end of a chain. An absent list means everything on the network. A list whose endpoints select no pod
 * means nothing, never everything. The prefixes of a selected pod belong to the end too.
 */
export function resolveEnd(options: {
  readonly endpoints: readonly ChainEndpoint[] | undefined;
  readonly members: readonly Member[];
  /** Namespace of the chain. Pod selectors without a namespace selector match pods of this namespace only. */
  readonly namespace: string;
}): End {
  if (!options.endpoints) return EVERYTHING;
  const ends = resolved.get(options.members) ?? new Map<string, End>();
  resolved.set(options.members, ends);
  const key = JSON.stringify([options.namespace, options.endpoints]);
  const end = ends.get(key) ?? resolveAnew({ ...options, endpoints: options.endpoints });
  if (ends.size === MOST_ENDS) ends.clear();
  ends.set(key, end);
  return end;
}

/**
 * Most resolved ends in the cache of one list of members. The chains of a network have fewer ends; only edits add
 * more for a while.
 */
const MOST_ENDS = 64;
const EVERYTHING: End = { any: true, cidrs: [], addresses: [] };

/** Cache of resolved ends for each list of members. Most passes over a chain change hops or status, and neither end. */
const resolved = new WeakMap<readonly Member[], Map<string, End>>();

function resolveAnew(options: {
  readonly endpoints: readonly ChainEndpoint[];
  readonly members: readonly Member[];
  readonly namespace: string;
}): End {
  const blocks = new Map<string, CidrBlock>();
  const addresses = new Set<string>();
  for (const endpoint of options.endpoints) {
    if (endpoint.cidr !== undefined) addBlock(blocks, renderBlock(endpoint.cidr, endpoint.except));
  }
  const selectors = options.endpoints.filter(selectsPods);
  for (const member of options.members) {
    if (!selectors.some((endpoint) => selectsMember(endpoint, member, options.namespace))) continue;
    for (const address of member.addresses) addresses.add(address);
    for (const cidr of member.prefixes) addBlock(blocks, renderBlock(cidr));
  }
  const keys = [...blocks.keys()].sort();
  return { any: false, cidrs: keys.map((key) => blocks.get(key)!), addresses: [...addresses].sort() };
}

/** Whether an endpoint's meaning depends on the labels of pods or namespaces. */
export function selectsPods(endpoint: ChainEndpoint): boolean {
  return endpoint.podSelector !== undefined || endpoint.namespaceSelector !== undefined;
}

/** Whether an endpoint selects a pod, by its labels and those of its namespace. */
export function selectsMember(
  endpoint: ChainEndpoint,
  member: Pick<Member, 'namespace' | 'podLabels' | 'namespaceLabels'>,
  namespace: string,
): boolean {
  if (!selectsPods(endpoint)) return false;
  const inNamespace = endpoint.namespaceSelector
    ? matchesLabels(endpoint.namespaceSelector, member.namespaceLabels)
    : member.namespace === namespace;
  return inNamespace && matchesLabels(endpoint.podSelector ?? {}, member.podLabels);
}

function addBlock(blocks: Map<string, CidrBlock>, block: CidrBlock): void {
  blocks.set(`${block.cidr} ${(block.except ?? []).join()}`, block);
}

/**
 * A range of one IP version. Nodes hold IPv4 addresses in the form in which IPv6 maps them, so a short IPv6 prefix such as
 * ::/0 would have them too: they are an exception of it.
 */
function renderBlock(cidr: string, except: readonly string[] = []): CidrBlock {
  const prefix = tryParsePrefix(cidr);
  const hasMapped = prefix?.family === 6 && coversMapped(mappedPrefix(prefix), ALL_IPV4);
  const all = hasMapped ? [...except, '0.0.0.0/0'] : [...except];
  return all.length > 0 ? { cidr, except: all.sort() } : { cidr };
}
