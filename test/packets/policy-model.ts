// SPDX-License-Identifier: Apache-2.0
import type { ChainEndpoint, ServiceChain } from '../../api/index.ts';

/**
 * Which chain takes a packet, by what docs/api.md says of ServiceChain and by nothing else: no code of the product is
 * used here, not even to read an address. The tests compare it with what the product does.
 */

/** A pod on the network. */
export interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly addresses: readonly string[];
  /** Ranges behind it, such as the peers of a VPN. */
  readonly ranges: readonly string[];
}

export interface Policy {
  readonly chains: readonly ServiceChain[];
  readonly pods: readonly Pod[];
  /** The ranges of the peers of each VPN, and of the networks behind them. */
  readonly vpns: Readonly<Record<string, readonly string[]>>;
}

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'GRE';

/** The flow of a packet, as the packet has it. ICMP is ICMPv6 over IPv6; protocols without ports have 0. */
export interface Tuple {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** `Either`: the chain takes the flow whoever opened it, so only its first packet says the direction. */
export type Way = 'Forward' | 'Reply' | 'Either';

export function chainOf(
  policy: Policy,
  tuple: Tuple,
): { readonly chain: ServiceChain; readonly way: Way } | undefined {
  for (const chain of [...policy.chains].sort(byPrecedence)) {
    const forward = takesFlow(policy, chain, tuple);
    const reply = takesFlow(policy, chain, turned(tuple));
    if (forward || reply) return { chain, way: forward && reply ? 'Either' : forward ? 'Forward' : 'Reply' };
  }
  return undefined;
}

export function turned({ protocol, source, destination, sourcePort, destinationPort }: Tuple): Tuple {
  return {
    protocol,
    source: destination,
    destination: source,
    sourcePort: destinationPort,
    destinationPort: sourcePort,
  };
}

/** "The one with the highest priority takes it; then the oldest; then the first by name." */
function byPrecedence(a: ServiceChain, b: ServiceChain): number {
  const age = (chain: ServiceChain) => Date.parse(chain.metadata.creationTimestamp!);
  const byName = a.metadata.name < b.metadata.name ? -1 : 1;
  return b.spec.priority - a.spec.priority || age(a) - age(b) || byName;
}

/** "A chain takes the flows that sources in `from` open to destinations in `to`", if `ports` has their protocol and port. */
function takesFlow(policy: Policy, { metadata, spec }: ServiceChain, tuple: Tuple): boolean {
  const { protocol, source, destination, destinationPort } = tuple;
  const isOf = (end: readonly ChainEndpoint[] | undefined, address: string) =>
    end === undefined || end.some((entry) => selects(entry, address, { policy, own: metadata.namespace }));
  const takesPort =
    spec.ports === undefined ||
    spec.ports.some((entry) => {
      if (entry.protocol !== protocol) return false;
      if (entry.port === undefined) return true;
      return destinationPort >= entry.port && destinationPort <= (entry.endPort ?? entry.port);
    });
  return takesPort && isOf(spec.from, source) && isOf(spec.to, destination);
}

function selects(
  entry: ChainEndpoint,
  address: string,
  { policy, own }: { readonly policy: Policy; readonly own: string },
): boolean {
  if (entry.cidr !== undefined) {
    return isIn(entry.cidr, address) && !(entry.except ?? []).some((range) => isIn(range, address));
  }
  if (entry.vpn !== undefined) return (policy.vpns[entry.vpn] ?? []).some((range) => isIn(range, address));
  return policy.pods
    .filter((pod) =>
      entry.namespaceSelector
        ? has(pod.namespaceLabels, entry.namespaceSelector.matchLabels)
        : pod.namespace === own,
    )
    .filter((pod) => has(pod.labels, entry.podSelector?.matchLabels))
    .some((pod) => hasAddress(pod, address));
}

export function hasAddress({ addresses, ranges }: Pod, address: string): boolean {
  return addresses.includes(address) || ranges.some((range) => isIn(range, address));
}

function has(labels: Pod['labels'], wanted: Pod['labels'] = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function isIn(range: string, address: string): boolean {
  const [base, length] = range.split('/') as [string, string];
  return bitsOf(address).startsWith(bitsOf(base).slice(0, 2 + Number(length)));
}

/** The IP version and the bits of an address, as text. */
function bitsOf(address: string): string {
  if (!address.includes(':')) return `4 ${address.split('.').map(binary(8)).join('')}`;
  const [head = '', tail] = address.split('::');
  const [first, last] = [head, tail ?? ''].map((part) => part.split(':').filter((word) => word !== ''));
  const gap = Array<string>(8 - first!.length - last!.length).fill('0');
  const words = tail === undefined ? first! : [...first!, ...gap, ...last!];
  return `6 ${words.map((word) => binary(16)(String(Number.parseInt(word, 16)))).join('')}`;
}

function binary(bits: number): (decimal: string) => string {
  return (decimal) => Number(decimal).toString(2).padStart(bits, '0');
}
