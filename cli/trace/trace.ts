// SPDX-License-Identifier: Apache-2.0
import type { Port } from '../../api/index.ts';
import { resources } from '../../kube/resource.ts';
import type { Cluster } from '../cluster.ts';
import type { Verb } from '../verb.ts';
import { formatWay } from './print.ts';
import { parseRequest, type TraceRequest } from './request.ts';
import { resolveRequest } from './resolve.ts';
import { walk } from './walk.ts';
import { openWitnesses } from './witnesses.ts';

export const trace: Verb = {
  name: 'trace',
  summary: 'the path of a packet, by the state of the kernels: chain, hops, instances, rules',
  help: `Usage: kubectl heddle trace --from pod/NAME --to pod/NAME|ADDRESS --port PORT [flags]

Follows a packet from kernel to kernel: it asks each agent for the decision of its node's maps, and each firewall for the
verdict of its rules on a new flow. Nothing is sent and nothing is changed.

  --from POD                pod/NAME, or pod/NAMESPACE/NAME
  --to POD|ADDRESS          the same, or an address of the network
  --port PORT               destination port, with TCP, UDP and SCTP
  --protocol PROTOCOL       TCP, UDP, SCTP or ICMP (TCP with --port, else ICMP)
  --source-port PORT        other flows may have other instances (40000)
  --network NAME            NAME or NAMESPACE/NAME, where more than one joins the pods
  --family 4|6              IPv4 or IPv6 (IPv4 where both have it)
  --reply                   trace the reply, from --to to --from
  --syn                     trace the first packet of a TCP connection: ignore known flows of earlier ones

The trace ends at a load balancer: only its kernel knows which backend it chooses.

Exit code: 0 delivered or balanced, 1 not, 2 the trace was not possible.
`,
  flags: {
    from: { type: 'string' },
    to: { type: 'string' },
    port: { type: 'string' },
    protocol: { type: 'string' },
    'source-port': { type: 'string' },
    network: { type: 'string' },
    family: { type: 'string' },
    reply: { type: 'boolean', default: false },
    syn: { type: 'boolean', default: false },
  },
  run: async ({ cluster, common, flags, paint, write }) => {
    const request = parseRequest(flags, common.namespace ?? cluster.namespace);
    const resolved = resolveRequest(request, await listPorts(cluster, request));
    const way = await walk(await openWitnesses(cluster, common.systemNamespace), resolved);
    if (common.output === 'json') {
      const { sender, receiver, network, reply } = resolved;
      write(`${JSON.stringify({ sender, receiver, network, reply, ...way }, null, 2)}\n`);
    } else {
      write(formatWay(resolved, way, paint));
    }
    return way.end.kind === 'Delivered' || way.end.kind === 'Balanced' ? 0 : 1;
  },
};

/**
 * Lists the Ports of the namespaces that the request names, or of all: the owner of an address may be in any of them.
 */
async function listPorts(cluster: Cluster, { from, to, reply }: TraceRequest): Promise<readonly Port[]> {
  if (reply && to.kind === 'Address') return cluster.list<Port>(resources.ports);
  const namespaces = new Set([from.namespace, ...(to.kind === 'Pod' ? [to.namespace] : [])]);
  const lists = await Promise.all(
    [...namespaces].map((namespace) => cluster.list<Port>(resources.ports, { namespace })),
  );
  return lists.flat();
}
