// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancerDrainingAddress } from '../../../api/index.ts';

/** How long flows to an address that has drained are refused: after it, nobody answers there, or somebody else has it. */
export const REFUSED_MS = 60_000;
/**
 * Most draining addresses of a load balancer, as in the schema of its status. A chain may name 32 load balancers, and its
 * slice holds 192 addresses of them (`virtual`).
 */
export const MOST_DRAINING = 4;

/**
 * The addresses of a load balancer that drain: those that it had before and has no longer, until their time is over. The
 * drain time may be edited meanwhile. Beyond the most, those that have drained the longest end. Pure.
 */
export function drainAddresses(options: {
  /** The addresses that it had. */
  readonly before: readonly string[];
  /** The addresses that it has now. */
  readonly addresses: readonly string[];
  /** The addresses that drain already. */
  readonly draining: readonly LoadBalancerDrainingAddress[];
  readonly drainSeconds: number;
  readonly now: Date;
}): readonly LoadBalancerDrainingAddress[] {
  const { before, addresses, draining, drainSeconds, now } = options;
  const known = new Set([...addresses, ...draining.map(({ address }) => address)]);
  const since = now.toISOString();
  const left = before.filter((address) => !known.has(address)).map((address) => ({ address, since }));
  return [...draining, ...left]
    .filter((each) => !addresses.includes(each.address) && endOf(each, drainSeconds) > now.getTime())
    .sort((a, b) => Date.parse(b.since) - Date.parse(a.since))
    .slice(0, MOST_DRAINING)
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

function endOf({ since }: LoadBalancerDrainingAddress, drainSeconds: number): number {
  return Date.parse(since) + drainSeconds * 1000 + REFUSED_MS;
}
