/**
 * What one interface of one pod must be, as a value: nothing here knows the kernel's state.
 * Addresses are 4 or 16 bytes; their length tells the family.
 */

export interface AttachedAddress {
  readonly address: Uint8Array;
  readonly prefixLength: number;
}

/** Always out of the attachment's interface; on the link unless it has a gateway (which then is taken as on the link). */
export interface AttachedRoute {
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  readonly table: number;
  readonly gateway?: Uint8Array;
  readonly source?: Uint8Array;
}

export interface AttachedNeighbour {
  readonly address: Uint8Array;
  readonly mac: Uint8Array;
}

export interface AttachedRule {
  readonly family: 'ipv4' | 'ipv6';
  readonly priority: number;
  readonly table: number;
  readonly mark?: { readonly value: number; readonly mask: number };
}

/** A switch below `/proc/sys`, in the pod's namespace. */
export interface AttachedSysctl {
  readonly path: string;
  readonly value: string;
}

/** Which programs watch the two ends: names of the pins in the directory of programs. */
export type AttachedPrograms =
  | { readonly kind: 'Pod'; readonly host: 'pod_ingress' }
  | { readonly kind: 'Function'; readonly host: 'fn_ingress'; readonly pod: 'fn_egress' }
  | { readonly kind: 'Frames'; readonly host: 'fn_ingress' };

export interface Attachment {
  readonly podUid: string;
  readonly netnsPath: string;
  /** Of the host side: the same for one interface of one pod for ever, on any node. */
  readonly hostName: string;
  readonly hostMac: Uint8Array;
  /** Of the pod's side. */
  readonly interface: string;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** Whether the pod's side makes a link-local address of its own. */
  readonly linkLocal: boolean;
  readonly addresses: readonly AttachedAddress[];
  readonly routes: readonly AttachedRoute[];
  readonly neighbours: readonly AttachedNeighbour[];
  readonly rules: readonly AttachedRule[];
  /** Rules that must not be there, taken away once the wanted ones are. */
  readonly withoutRules: readonly AttachedRule[];
  readonly sysctls: readonly AttachedSysctl[];
  readonly programs: AttachedPrograms;
}

/** What the network of a Port contributes. */
export interface NetworkFacts {
  /** CIDRs of the network's subnets. */
  readonly subnets: readonly string[];
  /** CIDRs that Ports of the network own besides their addresses; those of the Port itself may be among them. */
  readonly prefixes: readonly string[];
}

export interface NodeFacts {
  /** Largest IP packet that a tenant's interface may carry on this node: the underlay's less the encapsulation. */
  readonly innerMtu: number;
  /** Whether the kernel has IPv6 at all. */
  readonly hasIpv6: boolean;
}
