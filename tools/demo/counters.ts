// SPDX-License-Identifier: Apache-2.0
import { pathEvents } from '../../agent/render/generated/layout.ts';
import { selectorOfHeddle } from '../../api/names.ts';
import { exec, get, type KubeObject, list, readTarget } from '../cluster/kubectl.ts';
import { namespace } from './example.ts';

interface Firewall extends KubeObject {
  readonly status?: { readonly rules?: readonly { name: string; packets: number; bytes: number }[] };
}

/** Packets that a rule of the firewall has matched, as its status says. */
export async function packetsOfRule(rule: string): Promise<number> {
  const firewall = await get<Firewall>('firewall', 'edge', namespace);
  return firewall.status?.rules?.find(({ name }) => name === rule)?.packets ?? 0;
}

interface AgentPod extends KubeObject {
  readonly spec: { readonly nodeName: string };
}

interface EventEntry {
  readonly formatted: { readonly key: number; readonly values: readonly { readonly value: number }[] };
}

/** The events of packets that a node sent to another one, by a program or by the VXLAN device. */
const SENT: ReadonlySet<string | undefined> = new Set(['encapsulated', 'by_device']);

/** Pure: how many packets a node has sent to other nodes, by the dump of its map `events`. */
export function parseSent(dump: string): number {
  return (JSON.parse(dump) as readonly EventEntry[])
    .filter(({ formatted }) => SENT.has(pathEvents[formatted.key]))
    .flatMap(({ formatted }) => formatted.values)
    .reduce((sum, { value }) => sum + value, 0);
}

/** Packets that each node has sent to other nodes by VXLAN, by node. */
export async function vxlanPackets(): Promise<ReadonlyMap<string, number>> {
  const { system } = readTarget();
  const agents = await list<AgentPod>('pods', {
    namespace: system,
    selector: selectorOfHeddle('agent'),
  });
  const dump = ['sh', '-c', 'bpftool -j map dump pinned /sys/fs/bpf/heddle/maps-*/events'];
  const entries = await Promise.all(
    agents.map(async (agent): Promise<[string, number]> => {
      const reply = await exec(agent.metadata.name, dump, { namespace: system, container: 'agent' });
      return [agent.spec.nodeName, reply.code === 0 ? parseSent(reply.stdout) : 0];
    }),
  );
  return new Map(entries);
}
