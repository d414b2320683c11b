// SPDX-License-Identifier: Apache-2.0
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

/** Packets that each node's VXLAN device has sent and received, by node. */
export async function vxlanPackets(): Promise<ReadonlyMap<string, number>> {
  const { system } = readTarget();
  const agents = await list<AgentPod>('pods', {
    namespace: system,
    selector: selectorOfHeddle('agent'),
  });
  const counters = ['rx_packets', 'tx_packets'].map((name) => `/sys/class/net/heddle0/statistics/${name}`);
  const entries = await Promise.all(
    agents.map(async (agent): Promise<[string, number]> => {
      const reply = await exec(agent.metadata.name, ['cat', ...counters], {
        namespace: system,
        container: 'agent',
      });
      const packets = reply.stdout.split('\n').reduce((sum, line) => sum + Number(line), 0);
      return [agent.spec.nodeName, reply.code === 0 ? packets : 0];
    }),
  );
  return new Map(entries);
}
