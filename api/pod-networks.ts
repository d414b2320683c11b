// SPDX-License-Identifier: Apache-2.0
import { type Key, keyOfRef } from './key.ts';
import { annotations } from './names.ts';
import { quote } from './net/address.ts';
import { type NetworkRequest, parseNetworksAnnotation } from './networks-annotation.ts';
import { type Complaint, formatComplaint } from './parsed.ts';

/** A pod, as far as its annotations ask for networks. */
export interface AskingPod {
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string | undefined>>;
}

/** The networks that a pod asks for: those of Heddle, and those that are left to other CNIs. */
export type PodNetworks =
  | {
      readonly ok: true;
      readonly ours: readonly NetworkRequest[];
      readonly others: readonly NetworkRequest[];
    }
  /** `named` are the networks of the elements that were read: what is wrong may turn out to be another CNI's. */
  | { readonly ok: false; readonly message: string; readonly named: readonly NetworkRequest['network'][] };

const mostNetworks = 16;

/** Whether a pod asks for networks at all, in words that may be wrong. Most pods of a cluster do not. */
export function asksForNetworks(given: AskingPod['annotations']): boolean {
  return [annotations.networks, annotations.ownNetworks].some((name) => (given[name]?.trim() ?? '') !== '');
}

/**
 * Whose network the standard annotation means by `namespace/name`: it is another CNI's if a NetworkAttachmentDefinition
 * has the name and no VirtualNetwork has it. A name that nobody has is ours, and is refused.
 */
export function isOthersNetwork(
  key: Key,
  known: {
    readonly networks: { has(key: Key): boolean };
    readonly definitions: { has(key: Key): boolean };
  },
): boolean {
  return known.definitions.has(key) && !known.networks.has(key);
}

/**
 * Reads the annotation of the standard, `k8s.v1.cni.cncf.io/networks`, in which other CNIs find their networks too, and
 * `heddle.dev/networks`, which only Heddle reads. Its elements come after those of the first one.
 */
export function readPodNetworks(pod: AskingPod, isOthers: (key: Key) => boolean): PodNetworks {
  const all: NetworkRequest[] = [];
  for (const annotation of [annotations.networks, annotations.ownNetworks]) {
    const text = pod.annotations[annotation] ?? '';
    const place = { annotation, podNamespace: pod.namespace, before: all.length };
    const parsed = parseNetworksAnnotation(text, place);
    if (!parsed.ok) return refuse(annotation, { complaint: parsed.complaint, all });
    all.push(...parsed.value);
  }
  const others = all.filter(
    ({ annotation, network }) => annotation === annotations.networks && isOthers(keyOfRef(network)),
  );
  const ours = all.filter((request) => !others.includes(request));
  return firstProblem(ours, all) ?? { ok: true, ours, others };
}

function firstProblem(
  ours: readonly NetworkRequest[],
  all: readonly NetworkRequest[],
): PodNetworks | undefined {
  if (ours.length > mostNetworks) {
    const message = `a pod can join ${mostNetworks} networks at most, not ${ours.length}`;
    return refuse(ours[0]!.annotation, { complaint: { message }, all });
  }
  for (const request of ours) {
    const complaint = request.complaint ?? judgeInterface(request, { ours, all });
    const { annotation, element } = request;
    if (complaint) return refuse(annotation, { complaint: { element, ...complaint }, all });
  }
  return undefined;
}

/** Of two elements with one interface, the later one is wrong, but never that of another CNI. */
function judgeInterface(
  request: NetworkRequest,
  { ours, all }: { readonly ours: readonly NetworkRequest[]; readonly all: readonly NetworkRequest[] },
): Complaint | undefined {
  const own = all.indexOf(request);
  const twin = all.find(
    (other, at) => other.interface === request.interface && (at < own || (at > own && !ours.includes(other))),
  );
  if (!twin) return undefined;
  const where = twin.annotation === request.annotation ? '' : ` of ${twin.annotation}`;
  const message = `${quote(request.interface)} is the interface of element ${twin.element}${where} already; name another`;
  return { field: 'interface', message };
}

function refuse(
  annotation: string,
  { complaint, all }: { readonly complaint: Complaint; readonly all: readonly NetworkRequest[] },
): PodNetworks {
  const message = `annotation ${annotation}: ${formatComplaint(complaint)}`;
  return { ok: false, message, named: all.map(({ network }) => network) };
}
