// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../api/function-names.ts';
import type { Port, ServiceChain } from '../../api/index.ts';
import { type Finding, nameOf, seen, type World } from './world.ts';

/** Pure: finds hops with fewer instances than they should have, and says what happens to their flows. */
export function checkHops(world: World): readonly Finding[] {
  return world.chains.flatMap((chain) => checkChain(chain));
}

function checkChain(chain: ServiceChain): readonly Finding[] {
  // Until the chain is compiled, its conditions give the reason.
  return (chain.status?.functions ?? []).flatMap((hop, position) => {
    if (hop.state === 'Healthy') return [];
    const open = chain.spec.functions[position]?.onFailure === 'Open';
    const fate = open
      ? 'flows pass without it (onFailure: Open)'
      : 'its flows are dropped (onFailure: Closed)';
    const consequence = hop.state === 'Failed' ? `; ${fate}` : '';
    const finding: Finding = {
      severity: 'Problem',
      object: nameOf('ServiceChain', chain),
      message: `hop ${position + 1}, ${hop.kind} ${hop.name}: ${hop.ready} of ${hop.desired} instances take flows${consequence}`,
      todo: `kubectl -n ${chain.metadata.namespace} get pods -l heddle.dev/function=${functionLabelOf(hop.kind, hop.name)}`,
    };
    return [finding];
  });
}

/**
 * Pure: finds instances that get no packets: their node reports that they do not forward, or its kernel has not seen a
 * probe come out of them yet.
 */
export function checkInstances(world: World): readonly Finding[] {
  const owners = new Map<number, Port>(
    world.ports.flatMap((port) =>
      port.spec.instance === undefined ? [] : [[port.spec.instance, port] as const],
    ),
  );
  const reported = (seen(world.reports) ?? []).flatMap(({ metadata, status }) =>
    (status?.down ?? []).map((id) => ({ id, node: metadata.name, why: 'probes that go in do not come out' })),
  );
  const known = new Set(reported.map(({ id }) => id));
  const held = (seen(world.kernels) ?? []).flatMap(({ node, down }) =>
    down
      .filter((id) => !known.has(id))
      .map((id) => ({ id, node, why: 'its node has not seen a probe come out of it yet' })),
  );
  return [...reported, ...held].flatMap(({ id, node, why }) => {
    const port = owners.get(id);
    // The Port is in a namespace that the user did not ask for.
    return port ? [describeDown(port, { id, node, why })] : [];
  });
}

function describeDown(
  { metadata: { namespace }, spec }: Port,
  { id, node, why }: { readonly id: number; readonly node: string; readonly why: string },
): Finding {
  const { name } = spec.pod;
  return {
    severity: 'Problem',
    object: `Pod ${namespace}/${name}`,
    message: `instance ${id} of ${spec.function?.kind ?? 'function'} ${spec.function?.name ?? ''} on node ${node} takes no packets: ${why}`,
    todo: `kubectl -n ${namespace} logs ${name}, and the log of the agent on ${node}. Deleting the pod makes a new one.`,
  };
}
