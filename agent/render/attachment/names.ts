// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { type Mac, macOfBytes } from '../../../api/net/mac.ts';

/** The prefix of the names of all host sides, and the prefix of the alias that names their owner. */
export const HOST_PREFIX = 'hd';

const HOST_NAME = /^hd[0-9a-f]{12}$/;

/** The host side's name: a hash, since interface names are too short for a pod's. */
export function hostNameOf(podUid: string, interfaceName: string): string {
  return `${HOST_PREFIX}${digest(podUid, interfaceName).toString('hex').slice(0, 12)}`;
}

/** The MAC of a host side, set when it is made so that no other program of the node chooses one. */
export function hostMacOf(podUid: string, interfaceName: string): Mac {
  return macOfBytes(Uint8Array.of(0x02, ...digest(podUid, interfaceName).subarray(6, 11)));
}

export function isHostName(name: string): boolean {
  return HOST_NAME.test(name);
}

export function aliasOf(podUid: string, interfaceName: string): string {
  return `${podUid}/${interfaceName}`;
}

/** The owner of a host side by its alias; undefined if Heddle has not written the alias. */
export function parseAlias(alias: string): { podUid: string; interface: string } | undefined {
  const slash = alias.lastIndexOf('/');
  if (slash <= 0 || slash === alias.length - 1) return undefined;
  return { podUid: alias.slice(0, slash), interface: alias.slice(slash + 1) };
}

function digest(podUid: string, interfaceName: string): Buffer {
  return createHash('sha256').update(aliasOf(podUid, interfaceName)).digest();
}
