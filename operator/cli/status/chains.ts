import type { Port, ServiceChain } from '../../api/index.ts';
import { functionLabelOf } from '../../compile/function/names.ts';
import { type Finding, nameOf, seen, type World } from './world.ts';

/** Pure: hops of chains that have fewer instances than they should, and what becomes of flows. */
export function checkHops(world: World): readonly Finding[] {
  return world.chains.flatMap((chain) => checkChain(chain));
}

function checkChain(chain: ServiceChain): readonly Finding[] {
  // While nothing was compiled the conditions say why.
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

/** Pure: instances that their own node, or another one, says do not forward. */
export function checkInstances(world: World): readonly Finding[] {
  const owners = new Map<number, Port>(
    world.ports.flatMap((port) =>
      port.spec.instance === undefined ? [] : [[port.spec.instance, port] as const],
    ),
  );
  return (seen(world.reports) ?? []).flatMap((report) =>
    (report.status?.down ?? []).flatMap((id) => {
      const port = owners.get(id);
      // Of another namespace than was asked for.
      if (!port) return [];
      const { name } = port.spec.pod;
      const finding: Finding = {
        severity: 'Problem',
        object: `Pod ${port.metadata.namespace}/${name}`,
        message: `instance ${id} of ${port.spec.function?.kind ?? 'function'} ${port.spec.function?.name ?? ''} on node ${report.metadata.name} does not forward: probes that go in do not come out`,
        todo: `See its logs: kubectl -n ${port.metadata.namespace} logs ${name}. Deleting the pod makes a new one.`,
      };
      return [finding];
    }),
  );
}
