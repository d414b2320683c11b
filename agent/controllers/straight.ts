// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../api/index.ts';
import type { AgentContext } from './context.ts';

/**
 * Connection tracking that accepts packets outside the TCP window (be_liberal). On the fast path a function sees only the
 * beginning and the end of a connection, and the window has moved between them: without this switch the end would be
 * invalid. It makes a firewall less strict, so it is set only for instances of chains with the fast path, and for load
 * balancers: a connection may leave a load balancer for another instance or chain and return later, and a load balancer
 * filters nothing.
 */
const SWITCH = { path: 'net/netfilter/nf_conntrack_tcp_be_liberal', value: '1', optional: true } as const;

/** Sets the switch for an instance that needs it; called when it is attached, and when one of its chains changes. */
export async function prepareForStraightFlows(context: AgentContext, port: Port): Promise<void> {
  const { stores, local, kernel } = context;
  const sandbox = local.sandboxOf(port);
  const slices = stores.slices.byIndex('instance', String(port.spec.instance));
  const isStraight = slices.some(({ spec }) => spec.straight === true);
  if (!sandbox || !(isStraight || port.spec.function?.kind === 'LoadBalancer')) return;
  await kernel.sysctl({ netns: sandbox.netnsPath, entries: [SWITCH] });
}

/** Sets the switch for each of these instances that is on this node. */
export async function prepareInstances(context: AgentContext, instances: Iterable<number>): Promise<void> {
  const wanted = new Set(instances);
  if (wanted.size === 0) return;
  const here = context.stores.ports
    .byIndex('role', 'instance')
    .filter(({ spec }) => spec.node === context.local.node && wanted.has(spec.instance ?? 0));
  for (const port of here) await prepareForStraightFlows(context, port);
}
