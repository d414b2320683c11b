// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import { type AttachedInterface, type Port, renderNetworkStatus } from '../../../api/index.ts';
import { keyOfRef } from '../../../api/key.ts';
import { type Address, parseAddress, tryParseAddress } from '../../../api/net/address.ts';
import { parseMac } from '../../../api/net/mac.ts';

/** The interface of a NetworkAttachmentDefinition that stands for a VirtualNetwork, for Multus: its plugin is loopback. */
const PLACEHOLDER = 'lo';

interface Entry {
  readonly name: string;
  readonly interface?: string;
  readonly [field: string]: unknown;
}

/**
 * The new value of the annotation k8s.v1.cni.cncf.io/network-status of a pod: the entries that other CNIs wrote for
 * their interfaces, then one entry for each of the pod's Ports. Undefined when no write is needed: a Port is not
 * Ready yet, or the annotation is correct already.
 */
export function mergeNetworkStatus(existing: string | undefined, ports: readonly Port[]): string | undefined {
  const ours = ports.filter((port) => port.spec.network !== undefined && port.spec.mtu !== undefined);
  if (ours.length === 0 || !ours.every((port) => isTrue(port.status?.conditions, 'Ready'))) return undefined;
  const before = parseEntries(existing);
  const names = new Set(ours.map((port) => port.spec.interface));
  const networks = new Set(ours.map(({ spec }) => keyOfRef(spec.network!)));
  const others = before.filter(
    ({ name, interface: at }) =>
      at === undefined || (!names.has(at) && !(at === PLACEHOLDER && networks.has(name))),
  );
  const entries = [...others, ...parseEntries(renderNetworkStatus(ours.sort(byInterface).map(attachedOf)))];
  const text = JSON.stringify(entries);
  return text === JSON.stringify(before) ? undefined : text;
}

/** The addresses that a pod had at an interface on a network, by its annotation. */
export function formerAddresses(
  existing: string | undefined,
  at: Pick<AttachedInterface, 'network' | 'interface'>,
): readonly Address[] {
  const name = `${at.network.namespace}/${at.network.name}`;
  const entry = parseEntries(existing).find((each) => each.interface === at.interface && each.name === name);
  const ips: readonly unknown[] = Array.isArray(entry?.ips) ? entry.ips : [];
  return ips.flatMap((ip) => (typeof ip === 'string' ? (tryParseAddress(ip) ?? []) : []));
}

function attachedOf({ spec }: Port): AttachedInterface {
  return {
    network: spec.network!,
    interface: spec.interface,
    addresses: (spec.addresses ?? []).map(parseAddress),
    mac: parseMac(spec.mac!),
    mtu: spec.mtu!,
  };
}

// An unreadable annotation is useless to every reader, so it can be overwritten.
function parseEntries(text: string | undefined): Entry[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function byInterface(a: Port, b: Port): number {
  return a.spec.interface.localeCompare(b.spec.interface, 'en', { numeric: true });
}
