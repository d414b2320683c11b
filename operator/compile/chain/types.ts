// SPDX-License-Identifier: Apache-2.0
import type {
  ChainCidr,
  ChainEnd,
  ChainFunction,
  ChainHop,
  ChainInstance,
  ChainPort,
} from '../../../api/index.ts';

// The vocabulary of a chain on its way from the API to the nodes.

/** A protocol, and the destination ports of it; no port is every port. */
export type PortMatch = ChainPort;
/** Addresses of a CIDR less those of its exceptions. */
export type CidrBlock = ChainCidr;
/** One end of a chain, resolved: everything on the network, or a union of blocks and addresses. */
export interface End extends ChainEnd {
  readonly cidrs: readonly CidrBlock[];
  readonly addresses: readonly string[];
}
/** A function as a chain names it. */
export type FunctionRef = ChainFunction;
/** A function of a path as nodes need it. */
export type Hop = ChainHop;
/** An instance that was ready once, and which flows it takes. */
export type HopInstance = ChainInstance;
