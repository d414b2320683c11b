// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../api/net/address.ts';
import type { Logger } from '../../kube/base/log.ts';
import { createTools, ToolError } from '../shared/tools.ts';

const tools = createTools();

/** Datagrams of a flow whose backend is gone are answered by ICMP for so long; then the flow begins anew elsewhere. */
const TOLD_MS = 1000;

/**
 * Lets the kernel forget the UDP flows of backends that are gone. TCP ends by its reset; a datagram's sender may go on
 * with the same port for ever, and his flow should find another backend once he has been told.
 */
export function forgetLater(addresses: readonly string[], log: Pick<Logger, 'warn'>): void {
  const timer = setTimeout(() => {
    for (const address of addresses) {
      void forget(['--reply-src', address], log);
      // Those that an instance heard of by the backend's word first.
      void forget(['--orig-src', address], log);
    }
  }, TOLD_MS);
  timer.unref();
}

async function forget(which: readonly [string, string], log: Pick<Logger, 'warn'>): Promise<void> {
  const [, address] = which;
  const family = `ipv${parseAddress(address).family}`;
  try {
    await tools.run('conntrack', ['-D', '-f', family, '-p', 'udp', ...which]);
  } catch (error) {
    // It ends with 1 where there was nothing to delete.
    if (error instanceof ToolError && /\b0 flow entries/.test(error.message)) return;
    log.warn({ backend: address, error }, 'flows of a backend that is gone were not forgotten');
  }
}
