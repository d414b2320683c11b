// SPDX-License-Identifier: Apache-2.0
import type { ChainInstance, Port } from '../../api/index.ts';
import { keyOf } from '../../api/key.ts';
import { macBytes, parseMac } from '../../api/net/mac.ts';
import { isMappedIpv4 } from '../../api/net/mapped.ts';
import { type AddressBytes, ENDPOINT_F_PORT, ENDPOINT_F_VTEP_V6, type Endpoint } from './generated/layout.ts';
import { memoize } from './memo.ts';

/** The facts that only this node knows: what is attached to it, and how it reaches other nodes. */
export interface Facts {
  /** A node's VTEP, mapped; undefined if the node is unknown. */
  vtepOf(node: string): AddressBytes | undefined;
  /** The ifindex of a Port's host side, by `namespace/name` of the Port; undefined if it is not attached to this node. */
  ifindexOf(portKey: string): number | undefined;
  /** The ifindex of the right host side of an instance with two interfaces, by `namespace/name` of its Port. */
  rightIfindexOf(portKey: string): number | undefined;
  /** Whether a Port attached to this node is about to be detached. */
  isLeaving(portKey: string): boolean;
  readonly node: string;
  /** Whether an instance does not forward, or cannot be reached from this node; `state` is its state in its chain's slice. */
  isDown(instance: {
    readonly id: number;
    readonly node: string;
    readonly state?: ChainInstance['state'];
  }): boolean;
}

const NO_VTEP = new Uint8Array(16);

const macOf = memoize(({ spec }: Port) => macBytes(parseMac(spec.mac ?? '')));

/** How this node reaches a Port; undefined if it cannot: the Port is not attached yet, or its node is unknown. */
export function renderOwner(port: Port, facts: Facts): Omit<Endpoint, 'classId'> | undefined {
  const mac = macOf(port);
  if (port.spec.node === facts.node) {
    const ifindex = facts.ifindexOf(keyOf(port));
    return ifindex === undefined ? undefined : { ifindex, vtep: NO_VTEP, mac, flags: ENDPOINT_F_PORT };
  }
  const vtep = facts.vtepOf(port.spec.node);
  if (!vtep) return undefined;
  return { ifindex: 0, vtep, mac, flags: ENDPOINT_F_PORT | (isMappedIpv4(vtep) ? 0 : ENDPOINT_F_VTEP_V6) };
}
