// The vocabulary of a chain on its way from the API to the nodes. These are the shapes of the ChainSlice's
// fields; that they fit the generated types is checked where slices are applied.

export type Protocol = 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
export type OnFailure = 'Closed' | 'Open';

/** A protocol, and the destination ports of it; no port is every port. */
export interface PortMatch {
  readonly protocol: Protocol;
  readonly port?: number | undefined;
  readonly endPort?: number | undefined;
}

/** Addresses of a CIDR less those of its exceptions. */
export interface CidrBlock {
  readonly cidr: string;
  readonly except?: readonly string[] | undefined;
}

/** One end of a chain, resolved: everything on the network, or a union of blocks and addresses. */
export interface End {
  readonly any: boolean;
  readonly cidrs: readonly CidrBlock[];
  readonly addresses: readonly string[];
}

/** A function as a chain names it. */
export interface FunctionRef {
  readonly kind: string;
  readonly name: string;
  readonly onFailure?: OnFailure | undefined;
}

/** An instance that can take packets now. */
export interface HopInstance {
  readonly id: number;
  readonly node: string;
}

/** A function of a path as nodes need it. */
export interface Hop {
  readonly kind: string;
  readonly name: string;
  readonly onFailure: OnFailure;
  readonly instances: readonly HopInstance[];
}
