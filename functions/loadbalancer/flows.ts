// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../api/net/address.ts';
import type { Logger } from '../../kube/base/log.ts';
import { createTools, ToolError } from '../shared/tools.ts';

const tools = createTools();

/**
 * How long datagrams of a flow whose backend is gone are answered by ICMP. After it, the flow begins anew elsewhere.
 */
const TOLD_MS = 1000;

/**
 * Makes the kernel forget the UDP flows of backends that are gone, after a delay. A TCP flow ends by its reset. A UDP
 * sender may use the same port for ever, and its flow should reach another backend once ICMP has reported the error.
 */
export function forgetLater(addresses: readonly string[], log: Pick<Logger, 'warn'>): void {
  const timer = setTimeout(() => {
    for (const address of addresses) {
      void forget(['--reply-src', address], log);
      // These are flows whose first packet at this instance came from the backend.
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
    // conntrack exits with 1 when there was nothing to delete.
    if (error instanceof ToolError && /\b0 flow entries/.test(error.message)) return;
    log.warn(
      { backend: address, error },
      'flows of a removed backend could not be deleted from connection tracking',
    );
  }
}
