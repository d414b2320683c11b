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

/** Something that perhaps may not be read; then `unread` says what, in the words of rights. */
export type Part<T> =
  | { readonly kind: 'Seen'; readonly value: T }
  | { readonly kind: 'Unread'; readonly why: string };

/** A Deployment or DaemonSet, as far as we look. Absent numbers are 0. */
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
  /** Why it is not ready, as its containers say; empty when they do not. */
  readonly why: string;
}

export interface Leader {
  readonly holder: string | undefined;
  /** How long ago it was renewed, by the clocks of two machines. */
  readonly ageMs: number;
  readonly durationMs: number;
}

/** What the kernel of one node said when it was asked twice. */
export interface KernelView {
  readonly node: string;
  /** Between the two moments. */
  readonly seconds: number;
  /** Instances of the node that get no packets, at both moments. */
  readonly down: readonly number[];
  /** Reason -> packets since the first moment. */
  readonly packets: Readonly<Record<string, number>>;
}

/** All that the status is concluded from. */
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
  /** Undefined in it: there is none. */
  readonly operator: Part<Workload | undefined>;
  readonly leader: Part<Leader | undefined>;
  readonly agents: Part<Workload | undefined>;
  readonly agentPods: Part<readonly AgentPod[]>;
  readonly reports: Part<readonly NodeReport[]>;
  readonly nodes: Part<readonly Node[]>;
  readonly kernels: Part<readonly KernelView[]>;
}

/** One thing that is not as it should be. */
export interface Finding {
  /** A problem makes the exit code 1; a notice is worth knowing. */
  readonly severity: 'Problem' | 'Notice';
  /** `ServiceChain shop/storefront`. */
  readonly object: string;
  readonly message: string;
  /** What a person does about it; empty when the message says it. */
  readonly todo: string;
}

export function seen<T>(part: Part<T>): T | undefined {
  return part.kind === 'Seen' ? part.value : undefined;
}

export function nameOf(kind: string, { metadata }: KubeObject): string {
  const { namespace, name = '' } = metadata ?? {};
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}
