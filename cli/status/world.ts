// SPDX-License-Identifier: Apache-2.0
import type {
  ChainSlice,
  CustomFunction,
  Firewall,
  LoadBalancer,
  NodeReport,
  Port,
  ServiceChain,
  VirtualNetwork,
} from '../../api/index.ts';
import type { Vpn, VpnPeer } from '../../api/vpn-objects.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Node } from '../../kube/slim.ts';
import type { Service } from '../../kube/wire.ts';

/** A part of the input that the user may not be allowed to read; then `unread` names the missing right. */
export type Part<T> =
  | { readonly kind: 'Seen'; readonly value: T }
  | { readonly kind: 'Unread'; readonly why: string };

/** A Deployment or DaemonSet, with the fields that are used here. Absent numbers are 0. */
export interface Workload extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

/** The pod of an agent. */
export interface AgentPod {
  readonly name: string;
  readonly node: string | undefined;
  readonly ready: boolean;
  /** Why it is not ready, according to its containers; empty when they give no reason. */
  readonly why: string;
}

export interface Leader {
  readonly holder: string | undefined;
  /** The time since its renewal, measured with the clocks of two machines. */
  readonly ageMs: number;
  readonly durationMs: number;
}

/** The state of the kernel of one node, read twice. */
export interface KernelView {
  readonly node: string;
  /** The time between the two readings. */
  readonly seconds: number;
  /** Instances of the node that got no packets in both readings. */
  readonly down: readonly number[];
  /** Packets since the first reading, by reason. */
  readonly packets: Readonly<Record<string, number>>;
}

/** A scheduled pod that asks for networks and has no Port. */
export interface WaitingPod {
  readonly namespace: string;
  readonly name: string;
  /** By which Events name it: for a static pod, that of its kubelet. */
  readonly uid: string;
  readonly createdAt: string;
  /** Reason and message of the newest warning of Heddle about it; absent if there is none, or it may not be read. */
  readonly why?: string;
}

/** All inputs of the status. */
export interface World {
  readonly systemNamespace: string;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly now: number;
  readonly networks: readonly VirtualNetwork[];
  readonly chains: readonly ServiceChain[];
  readonly slices: readonly ChainSlice[];
  readonly firewalls: readonly Firewall[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly customFunctions: readonly CustomFunction[];
  readonly vpns: readonly Vpn[];
  readonly vpnPeers: readonly VpnPeer[];
  readonly ports: readonly Port[];
  readonly waiting: Part<readonly WaitingPod[]>;
  readonly services: Part<readonly Service[]>;
  /** Undefined inside the part: there is no operator. */
  readonly operator: Part<Workload | undefined>;
  readonly leader: Part<Leader | undefined>;
  readonly agents: Part<Workload | undefined>;
  readonly agentPods: Part<readonly AgentPod[]>;
  readonly reports: Part<readonly NodeReport[]>;
  readonly nodes: Part<readonly Node[]>;
  readonly kernels: Part<readonly KernelView[]>;
}

/** One thing that is not as it should be, for the user. */
export interface Finding {
  /** A problem makes the exit code 1; a notice is worth knowing. */
  readonly severity: 'Problem' | 'Notice';
  /** `ServiceChain shop/storefront`. */
  readonly object: string;
  readonly message: string;
  /** What the user should do; empty when the message says it. */
  readonly todo: string;
}

export function seen<T>(part: Part<T>): T | undefined {
  return part.kind === 'Seen' ? part.value : undefined;
}

export function nameOf(kind: string, { metadata }: KubeObject): string {
  const { namespace, name = '' } = metadata ?? {};
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}
