// SPDX-License-Identifier: Apache-2.0
import { parseAddress } from '../../api/net/address.ts';
import type { Logger } from '../../kube/base/log.ts';
import { createTools, ToolError, type Tools } from '../shared/tools.ts';
import type { Frontend } from './frontends.ts';
import { OUTSIDE } from './outside.ts';

const forget = createForget(createTools().run);

/**
 * How long datagrams of a flow whose backend is gone are answered by ICMP. After it, the flow begins anew elsewhere.
 */
const TOLD_MS = 1000;

type Complain = Pick<Logger, 'warn'>;

/**
 * Makes the kernel forget the UDP flows of backends that are gone, after a delay. A TCP flow ends by its reset. A UDP
 * sender may use the same port for ever, and its flow should reach another backend once ICMP has reported the error.
 */
export function forgetLater(addresses: readonly string[], log: Complain): void {
  const timer = setTimeout(() => {
    for (const address of addresses) {
      const udp = ['-f', `ipv${parseAddress(address).family}`, '-p', 'udp'];
      void forget([...udp, '--reply-src', address], log);
      // These are flows whose first packet at this instance came from the backend.
      void forget([...udp, '--orig-src', address], log);
    }
  }, TOLD_MS);
  timer.unref();
}

/**
 * Makes the kernel forget the flows of a frontend that was removed. Their next packets are judged as first packets: they
 * are refused, or begin anew at another target port.
 */
export async function forgetFrontend(frontend: Frontend, log: Complain): Promise<void> {
  await Promise.all(flowsOf(frontend).map((which) => forget(which, log)));
}

/** Pure: the filters of conntrack for the flows of a frontend. */
export function flowsOf({
  family,
  address,
  protocol,
  port,
  targetPort,
}: Frontend): readonly (readonly string[])[] {
  const kind = ['-f', `ipv${family}`, '-p', protocol];
  const there = ['--orig-port-dst', String(port), '--reply-port-src', String(targetPort)];
  return [
    [...kind, '--orig-dst', address, ...there],
    // Flows of clients outside leave with the address as source. Those of another address of the load balancer stay.
    [...kind, '--mark', OUTSIDE, '--reply-dst', address, ...there],
    // These are flows whose first packet at this instance came from the backend.
    [
      ...kind,
      '--reply-dst',
      address,
      '--orig-port-src',
      String(targetPort),
      '--reply-port-dst',
      String(port),
    ],
  ];
}

/** How often a deletion is tried: another program, or the end of a flow's time, may be in its way each time. */
const TRIES = 5;

/**
 * Creates what deletes the flows of a filter of conntrack. Deletions run one after another, and are tried again:
 * conntrack gives up, and leaves the flows that it has not come to, when a flow that it has found is gone before it
 * deletes it. Two deletions that run at the same time and concern one flow do this to each other.
 */
export function createForget(run: Tools['run']): (which: readonly string[], log: Complain) => Promise<void> {
  let last = Promise.resolve();
  return (which, log) => {
    last = last.then(() => deleteFlows(run, which, log));
    return last;
  };
}

async function deleteFlows(run: Tools['run'], which: readonly string[], log: Complain): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run('conntrack', ['-D', ...which]);
      return;
    } catch (error) {
      // conntrack exits with 1 when there was nothing to delete.
      if (error instanceof ToolError && /\b0 flow entries/.test(error.message)) return;
      if (attempt < TRIES) continue;
      log.warn({ which, error }, 'flows that have ended could not be deleted from connection tracking');
      return;
    }
  }
}
