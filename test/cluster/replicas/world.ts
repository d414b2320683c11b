// SPDX-License-Identifier: Apache-2.0
import type { Port, ServiceChain } from '../../../api/index.ts';
import { apply, get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { type PodTraffic, startPodTraffic } from '../../../tools/cluster/traffic.ts';
import { addressesOf, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { podServerCommand } from '../../../tools/traffic/program.ts';
import type { TrafficPlan } from '../../../tools/traffic/result.ts';
import {
  agentNodes,
  applyChain,
  applyFirewall,
  applyNetwork,
  chainIsReady,
  firewallIsReady,
} from '../datapath/world.ts';

const PORT = 7000;
const RULES = [
  { name: 'udp', action: 'Accept', protocol: 'UDP', destinationPorts: [PORT] },
  { name: 'tcp', action: 'Accept', protocol: 'TCP', destinationPorts: [PORT] },
];
/** Small pods on any node, which end quickly. */
const FIREWALL = {
  rules: RULES,
  drainSeconds: 8,
  pod: {
    tolerations: [{ operator: 'Exists' }],
    resources: { requests: { cpu: '1m', memory: '16Mi' } },
  },
};

export const FUNCTIONS = ['first', 'middle', 'last'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export interface ChainBed {
  readonly namespace: string;
  readonly pathId: number;
  readonly address: string;
  startTraffic(plan?: Partial<Omit<TrafficPlan, 'name'>>): Promise<PodTraffic>;
  /** Ids of the instances of a function that have an interface. */
  instances(name: FunctionName): Promise<readonly number[]>;
  scale(name: FunctionName, replicas: number): Promise<void>;
}

/** A client and a server on two nodes, and a chain of three firewalls between them. */
export async function createChainBed(
  namespace: string,
  replicas: Readonly<Record<FunctionName, number>> = { first: 1, middle: 1, last: 1 },
): Promise<ChainBed> {
  const [one, two] = await agentNodes();
  const name = `traffic-${namespace}`;
  await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
  for (const hop of FUNCTIONS) {
    await applyFirewall(namespace, hop, { ...FIREWALL, replicas: replicas[hop] });
  }
  await applyChain(namespace, 'chain', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role: 'client' } } }],
    to: [{ podSelector: { matchLabels: { role: 'server' } } }],
    functions: FUNCTIONS.map((hop) => ({ kind: 'Firewall', name: hop })),
  });
  await apply(
    [
      testPod({ name: 'client', node: one!, networks: 'shop', labels: { role: 'client' } }),
      testPod({
        name: 'server',
        node: two ?? one!,
        networks: 'shop',
        labels: { role: 'server' },
        command: podServerCommand(PORT, name),
      }),
    ],
    namespace,
  );
  for (const pod of ['client', 'server']) await waitForPod(pod, namespace);
  const [address] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string];
  for (const hop of FUNCTIONS) await firewallIsReady(namespace, hop);
  const chain: ServiceChain = await chainIsReady(namespace, 'chain');
  const plan = { name, address, port: PORT, datagramFlows: 2, connections: 100, newPerSecond: 0 };
  return {
    namespace,
    pathId: chain.status?.pathId ?? 0,
    address,
    startTraffic: (more = {}) => startPodTraffic({ pod: 'client', namespace }, { ...plan, ...more }),
    instances: async (hop) => {
      const ports = await list<Port>('ports.heddle.dev', { namespace });
      return ports.flatMap(({ spec }) => (spec.function?.name === hop ? (spec.instance ?? []) : []));
    },
    scale: async (hop, count) => {
      await kubectl(['scale', `firewall/${hop}`, `--replicas=${count}`], { namespace });
    },
  };
}

/** Reads the current chain. */
export function readChain(namespace: string): Promise<ServiceChain> {
  return get<ServiceChain>('servicechain', 'chain', namespace);
}
