// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Firewall } from '../../../api/index.ts';
import { apply, get, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, connect, serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { echoScript, streamTcp, streamUdp } from './streams.ts';
import {
  agentNodes,
  applyChain,
  applyFirewall,
  applyNetwork,
  chainIsReady,
  firewallIsReady,
  replaceAgents,
} from './world.ts';

const RULES = [
  { name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] },
  { name: 'no', action: 'Reject', protocol: 'TCP', destinationPorts: [81] },
  { name: 'echo', action: 'Accept', protocol: 'UDP', destinationPorts: [7000] },
  { name: 'echo-tcp', action: 'Accept', protocol: 'TCP', destinationPorts: [7001] },
];

describe('a firewall between two pods', () => {
  const namespace = useNamespace('datapath');
  let v4: string;
  let v6: string;

  beforeAll(async () => {
    const [one, two, three] = await agentNodes();
    await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.20.0.0/16' }, { cidr: 'fd20::/64' }] });
    await applyFirewall(namespace, 'edge', {
      rules: RULES,
      pod: {
        nodeSelector: { 'kubernetes.io/hostname': three ?? one },
        tolerations: [{ operator: 'Exists' }],
      },
    });
    await applyChain(namespace, 'chain', {
      network: 'shop',
      from: [{ podSelector: { matchLabels: { role: 'client' } } }],
      to: [{ podSelector: { matchLabels: { role: 'server' } } }],
      functions: [{ kind: 'Firewall', name: 'edge' }],
    });
    const networks = 'shop';
    await apply(
      [
        testPod({ name: 'client', node: one!, networks, labels: { role: 'client' } }),
        testPod({ name: 'bystander', node: one!, networks }),
        testPod({
          name: 'server',
          node: two ?? one!,
          networks,
          labels: { role: 'server' },
          script: serverScript([80, 81, 82]),
        }),
        testPod({
          name: 'echo',
          node: two ?? one!,
          networks,
          labels: { role: 'server' },
          script: echoScript(7000),
        }),
      ],
      namespace,
    );
    for (const name of ['client', 'bystander', 'server', 'echo']) await waitForPod(name, namespace);
    [v4, v6] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string, string];
    await firewallIsReady(namespace, 'edge');
    await chainIsReady(namespace, 'chain');
  }, 240_000);

  const from = (pod: string, address: string, port: number) => connect({ pod, namespace, address, port });
  const counted = async (rule: string): Promise<number> => {
    const { status } = await get<Firewall>('firewall', 'edge', namespace);
    return Number(status?.rules?.find(({ name }) => name === rule)?.packets ?? 0);
  };

  test.each(['IPv4', 'IPv6'])(
    "an allowed port answers with the client's own address, over %s",
    async (family) => {
      const address = family === 'IPv4' ? v4 : v6;
      const own = (await addressesOf('client', namespace, `${namespace}/shop`)).find(
        (each) => each.includes(':') === address.includes(':'),
      );
      const { outcome, body } = await from('client', address, 80);
      expect(outcome).toBe('answered');
      expect(body).toContain(own);
    },
  );

  test('a rejected port is refused at once, any other is silent', async () => {
    expect((await from('client', v4, 81)).outcome).toBe('refused');
    expect((await from('client', v6, 81)).outcome).toBe('refused');
    expect((await from('client', v4, 82)).outcome).toBe('silent');
  });

  test('a pod that the chain does not name is not held up', async () => {
    expect((await from('bystander', v4, 82)).outcome).toBe('answered');
  });

  test("the rules' counters move with what they saw", async () => {
    const before = await counted('web');
    await from('client', v4, 80);
    await eventually('the counter of rule web moved', async () => (await counted('web')) > before, {
      timeoutMs: 30_000,
    });
  });

  test('an edit reaches the running instance without restarting it', async () => {
    const podsOf = async () =>
      (
        await list<{ metadata: { name: string } }>('pods', {
          namespace,
          selector: 'heddle.dev/function=firewall.edge',
        })
      ).map(({ metadata }) => metadata.name);
    const before = await podsOf();
    const { spec } = await get<Firewall>('firewall', 'edge', namespace);
    const opened = [...RULES, { name: 'opened', action: 'Accept', protocol: 'TCP', destinationPorts: [82] }];
    await applyFirewall(namespace, 'edge', { ...spec, rules: opened });
    await eventually('port 82 answers', async () => (await from('client', v4, 82)).outcome === 'answered', {
      timeoutMs: 30_000,
    });
    expect(await podsOf()).toEqual(before);
  });

  test('all agents are replaced and no packet of a flow is lost', async () => {
    const [address] = (await addressesOf('echo', namespace, `${namespace}/shop`)) as [string];
    const replaced = sleep(3000).then(replaceAgents);
    // Some seconds more, in which what the new agents made wrong would show.
    const stream = {
      pod: 'client',
      namespace,
      address,
      end: replaced.then(() => sleep(2000)),
      mostSeconds: 120,
    };
    const [udp, tcp] = await Promise.all([
      streamUdp({ ...stream, port: 7000 }),
      streamTcp({ ...stream, port: 7001 }),
      replaced,
    ]);
    expect(udp.sent).toBeGreaterThan(500);
    expect(udp.lost).toBe(0);
    expect(tcp.error).toBeNull();
    expect(tcp.bytes).toBeGreaterThan(1_000_000);
  });
});

describe('a chain of 16 firewalls', () => {
  const namespace = useNamespace('long-chain');
  const names = Array.from({ length: 16 }, (_, index) => `fw-${index}`);
  let address: string;

  beforeAll(async () => {
    const [one, two] = await agentNodes();
    await applyNetwork(namespace, 'shop', { subnets: [{ cidr: '10.30.0.0/16' }] });
    // Small pods, on whichever node has room.
    const pod = {
      tolerations: [{ operator: 'Exists' }],
      resources: { requests: { cpu: '1m', memory: '16Mi' } },
    };
    for (const name of names) await applyFirewall(namespace, name, { defaultAction: 'Accept', pod });
    await applyChain(namespace, 'long', {
      network: 'shop',
      to: [{ podSelector: { matchLabels: { role: 'server' } } }],
      ports: [{ protocol: 'TCP', port: 80 }],
      functions: names.map((name) => ({ kind: 'Firewall', name })),
    });
    await apply(
      [
        testPod({ name: 'client', node: one!, networks: 'shop' }),
        testPod({
          name: 'server',
          node: two ?? one!,
          networks: 'shop',
          labels: { role: 'server' },
          script: serverScript([80]),
        }),
      ],
      namespace,
    );
    for (const name of ['client', 'server']) await waitForPod(name, namespace);
    [address] = (await addressesOf('server', namespace, `${namespace}/shop`)) as [string];
    await eventually('the chain is ready', () => chainIsReady(namespace, 'long'), { timeoutMs: 240_000 });
  }, 300_000);

  test('carries a flow and its replies', async () => {
    expect((await connect({ pod: 'client', namespace, address, port: 80 })).outcome).toBe('answered');
  });
});
