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
  /** The annotation that has the element, and its number there, from 1. */
  readonly annotation: string;
  readonly element: number;
  /** Why Heddle cannot do what the element says; no matter if its network is another CNI's. */
  readonly complaint?: Complaint | undefined;
}

export interface AnnotationPlace {
  readonly annotation: string;
  readonly podNamespace: string;
  /** How many elements of other annotations come before: interfaces without a name are counted over all of them. */
  readonly before: number;
}

/**
 * Parses an annotation with networks: `shop`, `ns/shop@net1`, a comma-separated list of these, or a JSON list. An element
 * without namespace means the pod's own.
 */
export function parseNetworksAnnotation(
  text: string,
  place: AnnotationPlace,
): Parsed<readonly NetworkRequest[]> {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: [] };
  const isJson = trimmed.startsWith('[') || trimmed.startsWith('{');
  const elements = isJson ? parseNetworksJson(trimmed) : parseNetworksText(trimmed);
  if (!elements.ok) return elements;
  return { ok: true, value: elements.value.map((element, index) => requestOf(element, index, place)) };
}

function requestOf(element: NetworkElement, index: number, place: AnnotationPlace): NetworkRequest {
  const request = {
    network: { namespace: element.namespace ?? place.podNamespace, name: element.name },
    interface: element.interface ?? defaultInterface(place.before + index),
    addresses: element.addresses,
    mac: element.mac,
    annotation: place.annotation,
    element: index + 1,
  };
  const complaint = element.complaint ?? complaintOf(request);
  return complaint === undefined ? request : { ...request, complaint };
}

function complaintOf({
  network,
  interface: name,
}: Pick<NetworkRequest, 'network' | 'interface'>): Complaint | undefined {
  if (!isSubdomain(network.name)) {
    return { field: 'name', message: `${quote(network.name)} cannot name a VirtualNetwork` };
  }
  if (!isLabel(network.namespace)) {
    return { field: 'namespace', message: `${quote(network.namespace)} cannot name a namespace` };
  }
  const message = interfaceComplaint(name);
  return message === undefined ? undefined : { field: 'interface', message };
}

function isLabel(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(part));
}
