// SPDX-License-Identifier: Apache-2.0
import { defaultInterface, interfaceComplaint } from './interface-name.ts';
import { quote } from './net/address.ts';
import type { Mac } from './net/mac.ts';
import type { NetworkElement, RequestedAddress } from './network-element.ts';
import { parseNetworksJson } from './networks-json.ts';
import { parseNetworksText } from './networks-text.ts';
import type { Complaint, Parsed } from './parsed.ts';

/** One network that a pod asks for. */
export interface NetworkRequest {
  readonly network: { readonly namespace: string; readonly name: string };
  readonly interface: string;
  /** Requested addresses; empty means any free ones. */
  readonly addresses: readonly RequestedAddress[];
  /** Requested MAC; absent means any. */
  readonly mac?: Mac | undefined;
}

const mostNetworks = 16;

/**
 * Parses the annotation `k8s.v1.cni.cncf.io/networks` of a pod: `shop`, `ns/shop@net1`, a comma-separated list of
 * these, or a JSON list. An element without namespace means the pod's own.
 */
export function parseNetworksAnnotation(
  text: string,
  podNamespace: string,
): Parsed<readonly NetworkRequest[]> {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: [] };
  const isJson = trimmed.startsWith('[') || trimmed.startsWith('{');
  const elements = isJson ? parseNetworksJson(trimmed) : parseNetworksText(trimmed);
  if (!elements.ok) return elements;
  const requests = elements.value.map((element, index) => requestOf(element, index, podNamespace));
  const complaint = firstComplaint(requests);
  return complaint === undefined ? { ok: true, value: requests } : { ok: false, complaint };
}

function requestOf(element: NetworkElement, index: number, podNamespace: string): NetworkRequest {
  return {
    network: { namespace: element.namespace ?? podNamespace, name: element.name },
    interface: element.interface ?? defaultInterface(index),
    addresses: element.addresses,
    mac: element.mac,
  };
}

function firstComplaint(requests: readonly NetworkRequest[]): Complaint | undefined {
  if (requests.length > mostNetworks) {
    return { message: `a pod can join ${mostNetworks} networks at most, not ${requests.length}` };
  }
  const seen = new Map<string, number>();
  for (const [index, request] of requests.entries()) {
    const element = index + 1;
    const complaint = complaintOf(request);
    if (complaint !== undefined) return { element, ...complaint };
    const earlier = seen.get(request.interface);
    if (earlier !== undefined) {
      const message = `${quote(request.interface)} is the interface of element ${earlier} already; name another`;
      return { element, field: 'interface', message };
    }
    seen.set(request.interface, element);
  }
  return undefined;
}

function complaintOf(request: NetworkRequest): Complaint | undefined {
  if (!isSubdomain(request.network.name)) {
    return { field: 'name', message: `${quote(request.network.name)} cannot name a VirtualNetwork` };
  }
  if (!isLabel(request.network.namespace)) {
    return { field: 'namespace', message: `${quote(request.network.namespace)} cannot name a namespace` };
  }
  const message = interfaceComplaint(request.interface);
  return message === undefined ? undefined : { field: 'interface', message };
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
}
