// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { FieldFailure } from '../shared/program.ts';
import { TENANT } from './names.ts';

/**
 * Sysctls of the namespace that forwarding needs. The agent sets them when it attaches the pod, since /proc/sys is
 * read-only in a container; a value that is right already is not written. The order matters: forwarding resets some of
 * the others.
 */
export const SWITCHES: readonly (readonly [path: string, value: string])[] = [
  ['net/ipv4/ip_forward', '1'],
  ['net/ipv6/conf/all/forwarding', '1'],
  // What the kernel answers to a tenant's packet gets the mark of that packet, and so its routes.
  ['net/ipv4/fwmark_reflect', '1'],
  ['net/ipv6/fwmark_reflect', '1'],
  // The tunnel's routes are not in the main table; WireGuard and the data path check sources themselves.
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  [`net/ipv4/conf/${TENANT}/rp_filter`, '0'],
  // Peers that reach each other through one interface must not get ICMP redirects.
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/default/send_redirects', '0'],
  // The tunnel's interface is created later and begins with the defaults.
  ['net/ipv6/conf/default/disable_ipv6', '0'],
  ['net/ipv6/conf/default/accept_ra', '0'],
];

/** Writes the sysctls that differ. A kernel without IPv6 has none of the IPv6 ones. */
export async function applySysctls(root = '/proc/sys'): Promise<void> {
  for (const [path, value] of SWITCHES) {
    const file = `${root}/${path}`;
    const current = await readFile(file, 'utf8').catch(() => undefined);
    if (current === undefined || current.trim() === value) continue;
    try {
      await writeFile(file, value);
    } catch (error) {
      throw new FieldFailure(
        'spec',
        `${path} is ${current.trim()} and must be ${value}: ${(error as Error).message}; the node's agent sets it when it attaches the pod, see its log`,
      );
    }
  }
}
