// SPDX-License-Identifier: Apache-2.0
import { keyOfRef } from '../api/key.ts';
/** The values under which objects are found in the indexes of the stores; one function a form. Pure. */

/** `namespace/name` of a network. */
export function networkValue(network: { readonly namespace: string; readonly name: string }): string {
  return keyOfRef(network);
}

/** An address within a network id: `4097|10.20.0.5`. */
export function addressValue(vni: number, address: string): string {
  return `${vni}|${address}`;
}

/** A hardware address within a network id: `4097|06:00:00:00:00:01`. */
export function macValue(vni: number, mac: string): string {
  return `${vni}|${mac.toLowerCase()}`;
}

/** The label value that a function's pods and Ports carry: `firewall.edge`. */
function functionLabel(fn: { readonly kind: string; readonly name: string }): string {
  return `${fn.kind.toLowerCase()}.${fn.name}`;
}

/** A function within its namespace: `shop/firewall.edge`. */
export function functionValue(
  namespace: string,
  fn: { readonly kind: string; readonly name: string },
): string {
  return `${namespace}/${functionLabel(fn)}`;
}
