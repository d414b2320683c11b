// SPDX-License-Identifier: Apache-2.0
import type { Address, Family } from '../../../api/net/address.ts';
import type { Mac } from '../../../api/net/mac.ts';
import type { Prefix } from '../../../api/net/prefix.ts';

/**
 * The desired state of one interface of a pod, as a value without any state of the kernel.
 */

export interface AttachedAddress {
  readonly address: Address;
  readonly prefixLength: number;
}

/** A route by the attachment's interface: on-link, or by a gateway, which is taken as on-link. */
export interface AttachedRoute {
  readonly destination: Prefix;
  readonly table: number;
  readonly gateway?: Address;
  readonly source?: Address;
}

export interface AttachedNeighbour {
  readonly address: Address;
  readonly mac: Mac;
}

export interface AttachedRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly mark?: { readonly value: number; readonly mask: number };
  /** The source address of the packets; absent: all packets, also those that have none yet. */
  readonly source?: Address;
}

/** The place of an interface among those that its pod has on networks. */
export interface NetworkLookup {
  /** In the order of their names, from 0: it decides between equal ranges. */
  readonly rank: number;
  /** Whether it is the only one. */
  readonly alone: boolean;
  /** Addresses of the pod on its other networks. */
  readonly mates: readonly Address[];
}

/** A switch below `/proc/sys`, in the pod's namespace. */
export interface AttachedSysctl {
  readonly path: string;
  readonly value: string;
}

/** The programs of the two ends, by the names of their pins in the directory of programs. */
export type AttachedPrograms =
  | { readonly kind: 'Pod'; readonly host: 'pod_ingress' }
  | { readonly kind: 'Function'; readonly host: 'fn_ingress'; readonly pod: 'fn_egress' }
  | { readonly kind: 'Frames'; readonly host: 'fn_ingress' };

export interface Attachment {
  readonly podUid: string;
  readonly netnsPath: string;
  /** Name of the host side: for one interface of one pod it is always the same, on any node. */
  readonly hostName: string;
  readonly hostMac: Mac;
  /** Of the pod's side. */
  readonly interface: string;
  readonly mac: Mac;
  readonly mtu: number;
  /** Whether the pod's side makes a link-local address of its own. */
  readonly linkLocal: boolean;
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly AttachedRoute[];
  readonly neighbours: readonly AttachedNeighbour[];
  readonly rules: readonly AttachedRule[];
  /** Rules that must not exist; they are deleted after the wanted ones were added. */
  readonly withoutRules: readonly AttachedRule[];
  readonly sysctls: readonly AttachedSysctl[];
  /** For an interface on a network: how packets of the pod find it. */
  readonly lookup?: NetworkLookup;
  readonly programs: AttachedPrograms;
}

/** The properties of a Port's network that its attachment needs. */
export interface NetworkFacts {
  /** CIDRs of the network's subnets. */
  readonly subnets: readonly string[];
  /** Prefixes (CIDR) that Ports of the network have besides their addresses; may include those of the Port itself. */
  readonly prefixes: readonly string[];
  /**
   * The ranges, among both, that the operator lets pods of the network's own namespace route. Undefined when an operator
   * of an earlier release decides: then all are routed.
   */
  readonly routes?: readonly string[] | undefined;
}

export interface NodeFacts {
  /** Largest IP packet that a tenant's interface may carry on this node: the underlay's less the encapsulation. */
  readonly innerMtu: number;
  /** Whether the kernel has IPv6 at all. */
  readonly hasIpv6: boolean;
}
