import type { Port, ServiceChain } from '../../../operator/api/index.ts';
import { podServerCommand } from '../../traffic/program.ts';
import type { TrafficPlan } from '../../traffic/result.ts';
import {
  agentNodes,
  applyChain,
  applyFirewall,
  applyNetwork,
  chainIsReady,
  firewallIsReady,
} from '../datapath/world.ts';
import { apply, get, kubectl, list } from '../support/kubectl.ts';
import { type PodTraffic, startPodTraffic } from '../support/traffic.ts';
import { addressesOf, testPod, waitForPod } from '../support/workloads.ts';

const PORT = 7000;
const RULES = [
  { name: 'udp', action: 'Accept', protocol: 'UDP', destinationPorts: [PORT] },
  { name: 'tcp', action: 'Accept', protocol: 'TCP', destinationPorts: [PORT] },
];
/** Small pods on any node, quick to go. */
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
  startTraffic(plan?: Partial<TrafficPlan>): Promise<PodTraffic>;
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
  // For traffic that is not late on a busy machine.
  const capabilities = ['SYS_NICE'];
  await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] });
  for (const name of FUNCTIONS) {
    await applyFirewall(namespace, name, { ...FIREWALL, replicas: replicas[name] });
  }
  await applyChain(namespace, 'chain', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role: 'client' } } }],
    to: [{ podSelector: { matchLabels: { role: 'server' } } }],
    functions: FUNCTIONS.map((name) => ({ kind: 'Firewall', name })),
  });
  await apply(
    [
      testPod({ name: 'client', node: one!, networks: 'shop', labels: { role: 'client' }, capabilities }),
      testPod({
        name: 'server',
        node: two ?? one!,
        networks: 'shop',
        labels: { role: 'server' },
        command: podServerCommand(PORT),
        capabilities,
      }),
    ],
    namespace,
  );
  for (const name of ['client', 'server']) await waitForPod(name, namespace);
  const [address] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string];
  for (const name of FUNCTIONS) await firewallIsReady(namespace, name);
  const chain: ServiceChain = await chainIsReady(namespace, 'chain');
  const plan = { address, port: PORT, datagramFlows: 2, connections: 100, newPerSecond: 0 };
  return {
    namespace,
    pathId: chain.status?.pathId ?? 0,
    address,
    startTraffic: (more = {}) => startPodTraffic({ pod: 'client', namespace }, { ...plan, ...more }),
    instances: async (name) => {
      const ports = await list<Port>('ports.heddle.dev', { namespace });
      return ports.flatMap(({ spec }) => (spec.function?.name === name ? (spec.instance ?? []) : []));
    },
    scale: async (name, count) => {
      await kubectl(['scale', `firewall/${name}`, `--replicas=${count}`], { namespace });
    },
  };
}

/** The chain as it is now. */
export function readChain(namespace: string): Promise<ServiceChain> {
  return get<ServiceChain>('servicechain', 'chain', namespace);
}
