// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../api/conditions.ts';
import { annotations } from '../api/names.ts';
import type { ObjectMeta, OwnerReference } from '../api/object-meta.ts';
import { plainText } from '../api/plain-text.ts';
import type { KubeObject } from './object.ts';
import type { PodPhase, WireNode, WirePod } from './wire.ts';

/**
 * Metadata of core objects, reduced to the fields that Heddle reads. A cluster's pods need a fifth of their memory
 * this way.
 */
export interface SlimMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface NamespacedSlimMeta extends SlimMeta {
  readonly namespace: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly ownerReferences: readonly OwnerReference[];
}

export interface Pod {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  /** Metadata; its annotations are only those of Heddle, of `k8s.v1.cni.cncf.io`, and `kubernetes.io/config.mirror`. */
  readonly metadata: NamespacedSlimMeta;
  /** `nodeName` is undefined until the pod is scheduled. */
  readonly spec: {
    readonly nodeName: string | undefined;
    readonly hostNetwork: boolean;
    /** Its name in DNS, beside that of the Service `subdomain`; absent in most pods, as `subdomain` is. */
    readonly hostname?: string;
    readonly subdomain?: string;
  };
  readonly status: {
    readonly phase: PodPhase;
    readonly podIPs: readonly string[];
    readonly ready: boolean;
    /** Why a container of the pod does not start, in the kubelet's words; absent while all start. */
    readonly trouble?: string;
  };
}

export interface Node {
  readonly apiVersion: 'v1';
  readonly kind: 'Node';
  readonly metadata: SlimMeta;
  /** Ranges of the addresses of its pods; absent when the cluster gives the node none. */
  readonly podCIDRs?: readonly string[];
  readonly status: {
    readonly internalIPs: readonly string[];
    /** External addresses; absent when the node has none. */
    readonly externalIPs?: readonly string[];
    readonly ready: boolean;
  };
}

export interface Namespace {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly metadata: SlimMeta;
}

/** An object whose metadata only is read. */
export interface MetadataOnly extends KubeObject {
  readonly metadata: ObjectMeta & { readonly name: string };
}

/** An object of which only the owners matter. */
export interface OwnedOnly extends KubeObject {
  readonly metadata: Pick<
    NamespacedSlimMeta,
    'name' | 'namespace' | 'uid' | 'labels' | 'ownerReferences' | 'resourceVersion'
  >;
}

/** Pure: a Pod reduced to the fields that Heddle reads. */
export function slimPod(pod: WirePod): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...slimMeta(pod),
      namespace: pod.metadata?.namespace ?? '',
      annotations: keepAnnotations(pod.metadata?.annotations),
      ownerReferences: pod.metadata?.ownerReferences ?? [],
    },
    spec: {
      nodeName: pod.spec?.nodeName || undefined,
      hostNetwork: pod.spec?.hostNetwork ?? false,
      ...(pod.spec?.hostname ? { hostname: pod.spec.hostname } : {}),
      ...(pod.spec?.subdomain ? { subdomain: pod.spec.subdomain } : {}),
    },
    status: {
      phase: pod.status?.phase ?? 'Pending',
      podIPs: pod.status?.podIPs?.map(({ ip }) => ip) ?? [],
      ready: isTrue(pod.status?.conditions, 'Ready'),
      ...troubleOf(pod),
    },
  };
}

/** Waiting reasons that occur in every normal start. */
const STARTING: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);
const MOST_CHARACTERS = 300;

function troubleOf({ status }: WirePod): { readonly trouble?: string } {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const [first] = all.flatMap(({ name, state }) =>
    state?.waiting?.reason && !STARTING.has(state.waiting.reason) ? [{ name, ...state.waiting }] : [],
  );
  if (!first) return {};
  const { name, reason, message } = first;
  const said = message ? `${reason} (${message})` : reason;
  return { trouble: plainText(`container ${name}: ${said}`.slice(0, MOST_CHARACTERS)) };
}

/** Pure: a Node reduced to the fields that Heddle reads. */
export function slimNode(node: WireNode): Node {
  const addresses = node.status?.addresses ?? [];
  const ofType = (wanted: string): readonly string[] =>
    addresses.filter(({ type }) => type === wanted).map(({ address }) => address);
  const externalIPs = ofType('ExternalIP');
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: slimMeta(node),
    ...podRangesOf(node),
    status: {
      internalIPs: ofType('InternalIP'),
      ...(externalIPs.length > 0 ? { externalIPs } : {}),
      ready: isTrue(node.status?.conditions, 'Ready'),
    },
  };
}

function podRangesOf({ spec }: WireNode): Pick<Node, 'podCIDRs'> {
  const podCIDRs = spec?.podCIDRs ?? (spec?.podCIDR === undefined ? [] : [spec.podCIDR]);
  return podCIDRs.length > 0 ? { podCIDRs } : {};
}

/** Pure: a Namespace reduced to the fields that Heddle reads. */
export function slimNamespace(namespace: KubeObject): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: slimMeta(namespace) };
}

/** Pure: an object reduced to identity and version. */
export function slimMetadataOnly(object: KubeObject): MetadataOnly {
  const { name = '', namespace, uid, resourceVersion } = object.metadata ?? {};
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, namespace, uid, resourceVersion },
  };
}

/** Pure: a kept list of a firewall reduced to identity, version, and of what it is a copy. */
export function slimKeptList({ apiVersion, kind, metadata = {} }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, ownerReferences, deletionTimestamp } = metadata;
  const version = metadata.annotations?.[annotations.listVersion];
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, namespace, uid, resourceVersion, labels, ownerReferences, deletionTimestamp },
      annotations: version === undefined ? {} : { [annotations.listVersion]: version },
    },
  };
}

/** Pure: an object reduced to identity, labels and owners. */
export function slimOwnedOnly(object: KubeObject): OwnedOnly {
  const { name, uid, resourceVersion, labels } = slimMeta(object);
  const { namespace = '', ownerReferences = [] } = object.metadata ?? {};
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, namespace, uid, resourceVersion, labels, ownerReferences },
  };
}

function slimMeta(object: KubeObject): SlimMeta {
  const {
    name = '',
    uid = '',
    resourceVersion,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    labels,
  } = object.metadata ?? {};
  return {
    name,
    uid,
    resourceVersion,
    creationTimestamp,
    labels: labels ?? {},
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
}

function keepAnnotations(all: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const kept = Object.entries(all).filter(
    ([name]) => /^(k8s\.v1\.cni\.cncf\.io|heddle\.dev)\//.test(name) || name === annotations.configMirror,
  );
  return Object.fromEntries(kept);
}
