// SPDX-License-Identifier: Apache-2.0
import type {
  ChainCidr,
  ChainEnd,
  ChainFunction,
  ChainHop,
  ChainInstance,
  ChainPort,
} from '../../../api/index.ts';

// Types of a chain between the API objects and the nodes.

/** A protocol and its destination ports. Without ports it matches every port. */
export type PortMatch = ChainPort;
/** The addresses of a CIDR without those of its exceptions. */
export type CidrBlock = ChainCidr;
/**
 * One end of a chain after its endpoints are resolved: everything on the network, or a union of blocks and addresses.
 */
export interface End extends ChainEnd {
  readonly cidrs: readonly CidrBlock[];
  readonly addresses: readonly string[];
}
/** A function as a chain names it. */
export type FunctionRef = ChainFunction;
/** A hop in the form that nodes need. */
export type Hop = ChainHop;
/** An instance that was ready before, and which flows it takes. */
export type HopInstance = ChainInstance;
