// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../api/conditions.ts';
import type { Port } from '../../api/index.ts';
import { addressesOf } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import { factsOf } from '../observe/local.ts';
import { renderInstance, renderVteps } from '../render/node.ts';
import type { AgentContext } from './context.ts';

/** Writes where the instances of all functions are: one entry for each instance of the cluster. */
export async function reconcileInstances(context: AgentContext): Promise<void> {
  const { stores, maps, applied } = context;
  const facts = factsOf(context);
  const entries = stores.ports
    .byIndex('role', 'instance')
    .filter((port) => isTrue(port.status?.conditions, 'Accepted'))
    .flatMap((port) => renderInstance(port, facts) ?? []);
  const wanted = new Map(entries.map(({ key, value }) => [key, value]));
  await applied.write('instances of functions', () => maps.replace('instances', wanted));
}

/** Writes where one instance is. Leaves the others as they are: the agent may not have read them yet. */
export async function writeInstance(context: AgentContext, port: Port): Promise<void> {
  const entry = renderInstance(port, factsOf(context));
  if (entry) await context.maps.set('instances', entry.key, entry.value);
}

/** Writes the VTEPs that VXLAN is accepted from: each address of the other nodes. */
export async function reconcileVteps({ stores, local, maps, applied }: AgentContext): Promise<void> {
  const others = [...stores.nodes.values()].filter(({ metadata }) => metadata.name !== local.node);
  const addresses = others.flatMap(({ status }) => addressesOf(status.internalIPs));
  const wanted = renderVteps(addresses.map(mappedBytes));
  await applied.write('nodes', () => maps.replace('vteps', wanted));
}
