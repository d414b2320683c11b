// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector } from './generated/types.ts';
import { parseLabelSelector } from './label-selector.ts';
import { annotations } from './names.ts';
import { quote } from './net/address.ts';
import { parseNetworksAnnotation } from './networks-annotation.ts';
import { type Complaint, formatComplaint, type Parsed } from './parsed.ts';

/** A Service, as far as it asks for names of what is on a network. */
export interface AskingService {
  readonly metadata: {
    readonly namespace: string;
    readonly annotations: Readonly<Record<string, string | undefined>>;
  };
  readonly spec: {
    readonly type?: string | undefined;
    readonly clusterIP?: string | undefined;
    readonly selector?: Readonly<Record<string, string>> | undefined;
    readonly ports?: readonly { readonly targetPort?: number | string | undefined }[] | undefined;
  };
}

/** What a Service names: pods of its namespace that are on the network, or a load balancer of its namespace. */
export type NamesRequest = {
  readonly network: { readonly namespace: string; readonly name: string };
} & (
  | { readonly kind: 'Pods'; readonly selector: LabelSelector }
  | { readonly kind: 'LoadBalancer'; readonly name: string }
);

/** Why a Service gets no names; the message names the annotation or the field. */
export interface NamesComplaint {
  readonly reason: 'InvalidAnnotation' | 'InvalidSpec';
  readonly message: string;
}

export type ReadNames =
  | { readonly ok: true; readonly value: NamesRequest }
  | { readonly ok: false; readonly complaint: NamesComplaint };

const { namesNetwork, namesPods, namesBalancer } = annotations;

/** Whether a Service asks for names, in words that may be wrong. Most Services of a cluster do not. */
export function asksForNames(given: AskingService['metadata']['annotations'] | undefined): boolean {
  return [namesNetwork, namesPods, namesBalancer].some((name) => given?.[name] !== undefined);
}

/** Pure: reads the annotations of a Service, and checks the fields that it must not have. */
export function readNames(service: AskingService): ReadNames {
  const { metadata } = service;
  const network = readNetwork(metadata.annotations[namesNetwork], metadata.namespace);
  if (!network.ok) return invalid(namesNetwork, network.complaint);
  const target = readTarget(metadata.annotations);
  if (!target.ok) return target;
  const fault = faultOfSpec(service.spec);
  if (fault !== undefined) return { ok: false, complaint: { reason: 'InvalidSpec', message: fault } };
  return { ok: true, value: { network: network.value, ...target.value } };
}

/** `shop` or `namespace/shop`, as an element of the annotation of a pod, without an interface. */
function readNetwork(text: string | undefined, namespace: string): Parsed<NamesRequest['network']> {
  if (text === undefined) {
    return { ok: false, complaint: { message: 'is missing; name the network, as shop or namespace/shop' } };
  }
  const place = { annotation: namesNetwork, podNamespace: namespace, before: 0 };
  const parsed = parseNetworksAnnotation(text, place);
  const [first, ...more] = parsed.ok ? parsed.value : [];
  if (!first || more.length > 0 || /[@[{]/.test(text)) {
    const message = `${quote(text)} does not name one network, as shop or namespace/shop`;
    return { ok: false, complaint: { message } };
  }
  if (first.complaint) return { ok: false, complaint: { message: first.complaint.message } };
  return { ok: true, value: first.network };
}

type Target =
  | { readonly ok: true; readonly value: DistributiveOmit<NamesRequest, 'network'> }
  | { readonly ok: false; readonly complaint: NamesComplaint };
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function readTarget(given: AskingService['metadata']['annotations']): Target {
  const pods = given[namesPods];
  const balancer = given[namesBalancer];
  if ((pods === undefined) === (balancer === undefined)) {
    const both = pods !== undefined;
    const message = both
      ? `is there beside ${namesBalancer}; a Service names pods or a load balancer, so remove one of them`
      : `is missing, and so is ${namesBalancer}; say what the Service names: pods, as app=web, or a load balancer`;
    return invalid(namesPods, { message });
  }
  if (pods === undefined) return readBalancer(balancer ?? '');
  const selector = parseLabelSelector(pods);
  if (!selector.ok) return invalid(namesPods, selector.complaint);
  return { ok: true, value: { kind: 'Pods', selector: selector.value } };
}

function readBalancer(name: string): Target {
  if (/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 253) {
    return { ok: true, value: { kind: 'LoadBalancer', name } };
  }
  const message = `${quote(name)} cannot name a LoadBalancer of the Service's namespace`;
  return invalid(namesBalancer, { message });
}

function faultOfSpec({ type, clusterIP, selector, ports }: AskingService['spec']): string | undefined {
  if (type === 'ExternalName') return 'spec.type: ExternalName has no endpoints; make a headless Service';
  if (clusterIP !== 'None') {
    const found = clusterIP ? `${quote(clusterIP)} is an address of the cluster` : 'is not None';
    return `spec.clusterIP: ${found}, from which nothing leads to a network; delete the Service and make it again with clusterIP: None`;
  }
  if (Object.keys(selector ?? {}).length > 0) {
    return `spec.selector: it would name the pods' addresses of the cluster too; remove it, and select pods by the annotation ${namesPods}`;
  }
  const named = (ports ?? []).findIndex(({ targetPort }) => typeof targetPort === 'string');
  if (named < 0) return undefined;
  return `spec.ports[${named}].targetPort: ${quote(String(ports?.[named]?.targetPort))} is the name of a port; write its number`;
}

function invalid(
  annotation: string,
  complaint: Complaint,
): { readonly ok: false; readonly complaint: NamesComplaint } {
  const message = `annotation ${annotation}: ${formatComplaint(complaint)}`;
  return { ok: false, complaint: { reason: 'InvalidAnnotation', message } };
}
