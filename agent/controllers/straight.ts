// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../api/index.ts';
import type { AgentContext } from './context.ts';

/**
 * Where a chain lets established flows go straight, a function sees the beginning and the end of a connection, and what
 * lies between moved its window: connection tracking must not take the end for a stranger's (be_liberal). The switch is
 * set for those instances only, since it makes a firewall less strict about what fits a connection. And for those of a
 * load balancer: a connection may leave it for another instance or chain and come back later, and it judges nobody.
 */
const SWITCH = { path: 'net/netfilter/nf_conntrack_tcp_be_liberal', value: '1', optional: true } as const;

/** Called when the instance is attached, and when a chain that it serves changes. */
export async function prepareForStraightFlows(context: AgentContext, port: Port): Promise<void> {
  const { stores, local, kernel } = context;
  const sandbox = local.sandboxes.get(port.spec.pod.uid);
  const slices = stores.slices.byIndex('instance', String(port.spec.instance));
  const isStraight = slices.some(({ spec }) => spec.straight === true);
  if (!sandbox || !(isStraight || port.spec.function?.kind === 'LoadBalancer')) return;
  await kernel.sysctl({ netns: sandbox.netnsPath, entries: [SWITCH] });
}

/** The same for every instance of this node that chains of a network name. */
export async function prepareInstances(context: AgentContext, instances: Iterable<number>): Promise<void> {
  const wanted = new Set(instances);
  if (wanted.size === 0) return;
  const here = context.stores.ports
    .byIndex('role', 'instance')
    .filter(({ spec }) => spec.node === context.local.node && wanted.has(spec.instance ?? 0));
  for (const port of here) await prepareForStraightFlows(context, port);
}
