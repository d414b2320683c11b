// SPDX-License-Identifier: Apache-2.0
import type { NamespacedName, Port } from '../../api/index.ts';
import { joinKey } from '../../api/key.ts';
import { addressesOf, type Family, formatAddress } from '../../api/net/address.ts';
import type { TracedPacket } from '../../api/trace.ts';
import { Complaint } from '../complaint.ts';
import type { PodName, ProtocolName, TraceRequest } from './request.ts';
import type { Start } from './walk.ts';

/** The request, with its names resolved to what the kernel knows. */
export interface Resolved extends Start {
  readonly network: NamespacedName;
  /** Sender and receiver, for people: `pod shop/client`. */
  readonly sender: string;
  readonly receiver: string;
}

const NUMBERS: Readonly<Record<ProtocolName, Readonly<Record<Family, number>>>> = {
  TCP: { 4: 6, 6: 6 },
  UDP: { 4: 17, 6: 17 },
  SCTP: { 4: 132, 6: 132 },
  ICMP: { 4: 1, 6: 58 },
};

/**
 * Pure: finds the Port that sends, its network, and the source and destination addresses.
 * @param ports of the pods that the request names; for --reply from an address, all Ports of the network
 * @throws Complaint
 */
export function resolveRequest(request: TraceRequest, ports: readonly Port[]): Resolved {
  const { from, to, reply } = request;
  const fromPorts = portsOf(from, ports);
  const toPorts = to.kind === 'Pod' ? portsOf(to, ports) : undefined;
  const network = chooseNetwork(request, fromPorts, toPorts);
  const source = onNetwork(fromPorts, network);
  const target = toPorts ? onNetwork(toPorts, network) : ownerOf(to, ports, network);
  const family = request.family ?? chooseFamily(source, toPorts ? target : undefined);
  const fromAddress = addressOf(source, family, from);
  const toAddress = to.kind === 'Address' ? formatAddress(to.address) : addressOf(target, family, to);
  const forward: TracedPacket = {
    source: fromAddress,
    destination: toAddress,
    protocol: NUMBERS[request.protocol][family],
    sourcePort: request.sourcePort,
    destinationPort: request.port,
    opens: request.opens,
  };
  const names = {
    from: `pod ${from.namespace}/${from.name}`,
    to: target ? `pod ${target.metadata.namespace}/${target.spec.pod.name}` : toAddress,
  };
  if (!reply) {
    return { ...startAt(source), network, packet: forward, reply, sender: names.from, receiver: names.to };
  }
  if (!target)
    throw new Complaint(`--reply: no Port of network ${textOf(network)} has ${toAddress}, so nobody answers`);
  return {
    ...startAt(target),
    network,
    packet: answerTo(forward),
    reply,
    sender: names.to,
    receiver: names.from,
  };
}

function answerTo(packet: TracedPacket): TracedPacket {
  return {
    source: packet.destination,
    destination: packet.source,
    protocol: packet.protocol,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    opens: false,
  };
}

function startAt({ metadata, spec }: Port): { readonly node: string; readonly port: string } {
  return { node: spec.node, port: joinKey(metadata.namespace, metadata.name) };
}

function portsOf(pod: PodName, ports: readonly Port[]): readonly Port[] {
  const found = ports.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace && spec.pod.name === pod.name && spec.network !== undefined,
  );
  if (found.length > 0) return found;
  throw new Complaint(
    `pod ${pod.namespace}/${pod.name} is on no virtual network: is the name right (-n), and does it have the annotation k8s.v1.cni.cncf.io/networks?`,
  );
}

function chooseNetwork(
  { network: wanted, from, to }: TraceRequest,
  fromPorts: readonly Port[],
  toPorts: readonly Port[] | undefined,
): NamespacedName {
  const ofFrom = networksOf(fromPorts);
  const common = toPorts
    ? ofFrom.filter((each) => networksOf(toPorts).some((other) => textOf(other) === textOf(each)))
    : ofFrom;
  const fitting =
    wanted === undefined ? common : common.filter((each) => each.name === wanted || textOf(each) === wanted);
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  const list = (networks: readonly NamespacedName[]): string => networks.map(textOf).join(', ') || '(none)';
  const whom = to.kind === 'Pod' ? `pods ${from.name} and ${to.name} are both on` : `pod ${from.name} is on`;
  if (wanted !== undefined && fitting.length === 0) {
    throw new Complaint(`--network: "${wanted}" is not a network that ${whom}: ${list(common)}`);
  }
  if (common.length === 0) {
    throw new Complaint(
      `no network joins them: pod ${from.name} is on ${list(ofFrom)}, pod ${to.kind === 'Pod' ? to.name : ''} on ${list(networksOf(toPorts ?? []))}`,
    );
  }
  throw new Complaint(`--network: ${whom} ${list(fitting)}; choose one`);
}

function networksOf(ports: readonly Port[]): readonly NamespacedName[] {
  const networks = ports.flatMap(({ spec }) => spec.network ?? []);
  return [...new Map(networks.map((network) => [textOf(network), network])).values()];
}

function onNetwork(ports: readonly Port[], network: NamespacedName): Port {
  return ports.find(({ spec }) => spec.network && textOf(spec.network) === textOf(network))!;
}

/** The Port that has an address; undefined when only a range of a Port contains it. */
function ownerOf(to: TraceRequest['to'], ports: readonly Port[], network: NamespacedName): Port | undefined {
  if (to.kind === 'Pod') return undefined;
  const address = formatAddress(to.address);
  return ports.find(
    ({ spec }) =>
      spec.network && textOf(spec.network) === textOf(network) && spec.addresses?.includes(address),
  );
}

/** IPv4 if both ends have it. */
function chooseFamily(source: Port, target: Port | undefined): Family {
  const has = (port: Port | undefined, family: Family): boolean =>
    port === undefined || addressesOf(port.spec.addresses).some((address) => address.family === family);
  return has(source, 4) && has(target, 4) ? 4 : 6;
}

function addressOf(port: Port | undefined, family: Family, pod: PodName): string {
  const address = addressesOf(port?.spec.addresses).find((each) => each.family === family);
  if (address === undefined)
    throw new Complaint(`pod ${pod.name} has no IPv${family} address on this network`);
  return formatAddress(address);
}

function textOf({ namespace, name }: NamespacedName): string {
  return joinKey(namespace, name);
}
