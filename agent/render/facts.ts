// SPDX-License-Identifier: Apache-2.0
import type { ChainInstance, Port } from '../../api/index.ts';
import { keyOf } from '../../api/key.ts';
import { macBytes, parseMac } from '../../api/net/mac.ts';
import { isMappedIpv4 } from '../../api/net/mapped.ts';
import { type AddressBytes, ENDPOINT_F_PORT, ENDPOINT_F_VTEP_V6, type Endpoint } from './generated/layout.ts';
import { memoize } from './memo.ts';

/** What only this node knows, or how it reaches the others. */
export interface Facts {
  /** Address for VXLAN of a node, mapped; undefined when the node is unknown. */
  vtepOf(node: string): AddressBytes | undefined;
  /** Host side of a Port attached here, by `namespace/name` of the Port; undefined when it is not attached here. */
  ifindexOf(portKey: string): number | undefined;
  /** The same of the right one of an instance with two interfaces. */
  rightIfindexOf(portKey: string): number | undefined;
  /** Whether a Port attached here is about to be taken away. */
  isLeaving(portKey: string): boolean;
  readonly node: string;
  /** Whether an instance does not forward, or cannot be reached from here; `state` is what its chain's slice says. */
  isDown(instance: {
    readonly id: number;
    readonly node: string;
    readonly state?: ChainInstance['state'];
  }): boolean;
}

const NO_VTEP = new Uint8Array(16);

const macOf = memoize(({ spec }: Port) => macBytes(parseMac(spec.mac ?? '')));

/** How to reach a Port from this node; undefined while nobody can (not attached yet, or its node is unknown). */
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
