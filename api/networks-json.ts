// SPDX-License-Identifier: Apache-2.0
import { parsePortMac } from './context/mac.ts';
import { bitsOf, escapeControls, formatAddress, parseAddress, quote, sameAddress } from './net/address.ts';
import type { NetworkElement, RequestedAddress } from './network-element.ts';
import { attempt, type Complaint, type Parsed } from './parsed.ts';

const fields = ['name', 'namespace', 'interface', 'ips', 'mac'] as const;
const mostAddresses = 16;

/**
 * What to do instead of the other keys of the standard (Kubernetes Network Custom Resource Definition De-facto Standard
 * 1.3, NetworkSelectionElement).
 */
const advice: Readonly<Record<string, string | undefined>> = {
  'default-route':
    'is not possible: the default route of a pod stays with its first interface. Remove it; subnets of the network are routed by themselves',
  'cni-args': 'is for the arguments of a CNI plugin, and this network has none; remove it',
  'infiniband-guid': 'is for InfiniBand, and this network is Ethernet; remove it, or ask for a mac',
  'ipam-claim-reference': 'is for an IPAM of a CNI plugin; remove it, and ask for the address in ips',
  bandwidth: 'is not limited by Heddle; remove it, and send the flows through a function that limits them',
  portMappings: 'is not possible; remove it, and expose the pod by a LoadBalancer with spec.expose',
  interfaceRequest: 'is the former name; write interface',
  ipRequest: 'is the name in programs; write ips',
  macRequest: 'is the name in programs; write mac',
};

/** Parses the elements of `[{"name", "namespace", "interface", "ips", "mac"}]`. */
export function parseNetworksJson(text: string): Parsed<readonly NetworkElement[]> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  if (!Array.isArray(parsed.value)) return refuse({ message: 'must be a JSON list, so begin it with [' });
  const elements: NetworkElement[] = [];
  for (const [index, value] of (parsed.value as readonly unknown[]).entries()) {
    const element = parseElement(value);
    if (!element.ok) return refuse({ ...element.complaint, element: index + 1 });
    elements.push(element.value);
  }
  return { ok: true, value: elements };
}

/** Only what tells whose network it is must be right: another CNI may know what is unknown here. */
function parseElement(value: unknown): Parsed<NetworkElement> {
  if (!isRecord(value)) return refuse({ message: 'must be an object such as {"name": "shop"}' });
  if (value.name === undefined) return refuse({ field: 'name', message: 'is missing' });
  const wrong = (['name', 'namespace', 'interface'] as const).find((field) => !isText(value[field]));
  if (wrong !== undefined) return refuse({ field: wrong, message: 'must be a text that is not empty' });
  const texts = value as Record<'name', string> & Partial<Record<'namespace' | 'interface', string>>;
  const place = { name: texts.name, namespace: texts.namespace, interface: texts.interface };
  const wishes = parseWishes(value);
  return {
    ok: true,
    value: wishes.ok
      ? { ...place, ...wishes.value }
      : { ...place, addresses: [], complaint: wishes.complaint },
  };
}

function parseWishes(
  value: Readonly<Record<string, unknown>>,
): Parsed<Pick<NetworkElement, 'addresses' | 'mac'>> {
  const unknown = Object.keys(value).find((key) => !fields.some((field) => field === key));
  if (unknown !== undefined) {
    const message =
      (Object.hasOwn(advice, unknown) && advice[unknown]) ||
      `is not known here; there are ${fields.join(', ')}`;
    return refuse({ field: quote(unknown).slice(1, -1), message });
  }
  if (!isText(value.mac)) return refuse({ field: 'mac', message: 'must be a text that is not empty' });
  const addresses = parseIps(value.ips);
  if (!addresses.ok) return addresses;
  const macText = value.mac as string | undefined;
  const mac = attempt('mac', () => (macText === undefined ? undefined : parsePortMac(macText)));
  if (!mac.ok) return mac;
  return { ok: true, value: { addresses: addresses.value, mac: mac.value } };
}

function parseIps(value: unknown): Parsed<readonly RequestedAddress[]> {
  if (value === undefined) return { ok: true, value: [] };
  if (!Array.isArray(value) || value.length > mostAddresses) {
    return refuse({ field: 'ips', message: `must be a list of ${mostAddresses} addresses at most` });
  }
  const addresses: RequestedAddress[] = [];
  for (const text of value as readonly unknown[]) {
    const address = parseIp(text);
    if (!address.ok) return address;
    if (addresses.some((known) => sameAddress(known, address.value))) {
      return refuse({ field: 'ips', message: `has ${formatAddress(address.value)} twice` });
    }
    addresses.push(address.value);
  }
  return { ok: true, value: addresses };
}

/** Parses `10.20.0.5`, or `10.20.0.5/16` as the examples of Multus write it. */
function parseIp(text: unknown): Parsed<RequestedAddress> {
  if (typeof text !== 'string') return refuse({ field: 'ips', message: 'must be a list of texts' });
  const slash = text.indexOf('/');
  if (slash === -1) return attempt('ips', () => parseAddress(text));
  const address = attempt('ips', () => parseAddress(text.slice(0, slash)));
  if (!address.ok) return address;
  const length = text.slice(slash + 1);
  const most = bitsOf(address.value.family);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > most) {
    return refuse({ field: 'ips', message: `${quote(text)} has no prefix length of 0 to ${most}` });
  }
  return { ok: true, value: { ...address.value, prefixLength: Number(length) } };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return refuse({ message: `is not valid JSON: ${escapeControls((error as SyntaxError).message)}` });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function refuse(complaint: Complaint): { readonly ok: false; readonly complaint: Complaint } {
  return { ok: false, complaint };
}
