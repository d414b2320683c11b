// SPDX-License-Identifier: Apache-2.0
import { chainInterface, frameInterfaces } from './names.ts';
import { quote } from './net/address.ts';

// Under /proc/sys/net/*/conf `all` and `default` are not interfaces, so an interface with such a name cannot be set
// up.
const taken = new Set(['lo', 'eth0', chainInterface, ...frameInterfaces, 'all', 'default']);

/** The default interface name of the element at `index` (from 0): net1, net2, ... */
export function defaultInterface(index: number): string {
  return `net${index + 1}`;
}

/**
 * Why a text cannot name an interface of a pod on a network; undefined when it can. The kernel allows more names, but
 * this one is also part of the Port's name.
 */
export function interfaceComplaint(name: string): string | undefined {
  if (name.length > 15) return `${quote(name)} is too long; the kernel allows 15 characters`;
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    return `${quote(name)} cannot name an interface; write lower-case letters, digits and - between them`;
  }
  return taken.has(name) ? `${quote(name)} is kept for the pod itself; choose another name` : undefined;
}
