// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../api/index.ts';
import { keyOf } from '../../api/key.ts';
import { macBytes, parseMac } from '../../api/net/mac.ts';
import { isFramePort, type Side } from './attachment/frames.ts';
import { type Facts, renderOwner } from './facts.ts';
import {
  type AddressBytes,
  ENDPOINT_F_VTEP_V6,
  encodeInstance,
  encodePort,
  INSTANCE_F_DOWN,
  INSTANCE_F_LEAVING,
  INSTANCE_F_VTEP_V6,
  PORT_F_INSTANCE,
  PORT_F_LEFT,
  PORT_F_RIGHT,
} from './generated/layout.ts';
import { bytesKey } from './keys.ts';
import { poolId } from './pool.ts';
import { encodeU32 } from './scalar.ts';

/** The content of a map: values as bytes, keys by `bytesKey`. */
export type MapContent = ReadonlyMap<string, Uint8Array>;

/** The entry of `ports` for a host side of this node; `side` for an instance that forwards frames between two. */
export function renderPort(
  port: Port,
  { ifindex, side }: { readonly ifindex: number; readonly side?: Side | undefined },
): { readonly key: string; readonly value: Uint8Array } {
  const value = encodePort({
    pool: poolOf(port),
    vni: port.spec.vni ?? 0,
    instance: port.spec.instance ?? 0,
    flags: (port.spec.instance === undefined ? 0 : PORT_F_INSTANCE) | (side ? SIDES[side] : 0),
    mac: macBytes(parseMac(port.spec.mac ?? '')),
    mtu: port.spec.mtu ?? 0,
  });
  return { key: bytesKey(encodeU32(ifindex)), value };
}

/** The entry of `instances` for an instance of a function; undefined if this node cannot reach it. */
export function renderInstance(
  port: Port,
  facts: Facts,
): { readonly key: string; readonly value: Uint8Array } | undefined {
  const owner = renderOwner(port, facts);
  if (!owner || port.spec.instance === undefined) return undefined;
  const { instance: id, node } = port.spec;
  const flags =
    (owner.flags & ENDPOINT_F_VTEP_V6 ? INSTANCE_F_VTEP_V6 : 0) |
    (facts.isDown({ id, node }) ? INSTANCE_F_DOWN : 0) |
    (facts.isLeaving(keyOf(port)) ? INSTANCE_F_LEAVING : 0);
  const right = (isFramePort(port) && facts.rightIfindexOf(keyOf(port))) || 0;
  const value = encodeInstance({
    pool: poolOf(port),
    ifindex: owner.ifindex,
    flags,
    vtep: owner.vtep,
    right,
  });
  return { key: bytesKey(encodeU32(id)), value };
}

const SIDES: Readonly<Record<Side, number>> = { left: PORT_F_LEFT, right: PORT_F_RIGHT };

/** The pool of an instance's function; 0 for a pod's Port on a network. */
function poolOf({ metadata, spec }: Port): bigint {
  return spec.function === undefined ? 0n : poolId({ namespace: metadata.namespace, ...spec.function });
}

/** The entries of `vteps`: the nodes that VXLAN is accepted from. */
export function renderVteps(vteps: Iterable<AddressBytes>): MapContent {
  return new Map([...vteps].map((vtep) => [bytesKey(vtep), encodeU32(1)]));
}
