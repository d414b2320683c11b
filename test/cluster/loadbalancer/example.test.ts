// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import type { Firewall, LoadBalancer } from '../../../api/index.ts';
import { get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf } from '../../../tools/cluster/workloads.ts';
import { applyChain, applyFirewall, chainIsReady, firewallIsReady } from '../datapath/world.ts';
import {
  applyExample,
  ask,
  askFromOutside,
  balancerIsReady,
  countServers,
  nodeAddresses,
  rolledOut,
} from './world.ts';

const ADDRESSES = ['10.20.0.100', '[fd20::100]'] as const;

describe('examples/load-balancer', () => {
  const namespace = useNamespace('balanced');
  const pods = async (app: string): Promise<readonly string[]> =>
    (await list('pods', { namespace, selector: `app=${app}` })).map(({ metadata }) => metadata.name).sort();
  const client = async (): Promise<string> => (await pods('client'))[0]!;

  beforeAll(async () => {
    await applyExample(namespace, 'load-balancer/load-balancer.yaml');
    await rolledOut(namespace, 'web', 'client');
    await balancerIsReady(namespace, 'web');
    // Every one of the three, in both IP versions.
    await eventually('all backends serve', async () => {
      const { status } = await get<LoadBalancer>('loadbalancer', 'web', namespace);
      return status?.summary === '6/6';
    });
  }, 240_000);

  test.each(ADDRESSES)('at %s clients reach all servers, which see the client', async (address) => {
    const from = await client();
    const answers = await ask({ namespace, from, url: `http://${address}`, count: 60 });
    expect([...countServers(answers).keys()].sort()).toEqual(await pods('web'));
    const own = await addressesOf(from, namespace, `${namespace}/shop`);
    for (const answer of answers) expect(own).toContain(answer.split(' ')[2]);
  });

  test('clients outside the pod network reach all servers by every node', async () => {
    const { status } = await get<LoadBalancer>('loadbalancer', 'web', namespace);
    expect(status?.externalAddresses).toEqual(['NODE:30080/TCP']);
    for (const node of await nodeAddresses()) {
      const answers: string[] = [];
      for (let i = 0; i < 20; i += 1) answers.push(await askFromOutside(`http://${node}:30080`));
      expect(
        answers.filter((answer) => answer.startsWith('error')),
        node,
      ).toEqual([]);
      expect(countServers(answers).size, node).toBeGreaterThan(1);
    }
  });

  test('a connection to a port without a listener is refused at once', async () => {
    const answers = await ask({ namespace, from: await client(), url: 'http://10.20.0.100:81', count: 2 });
    expect(answers).toEqual(['error ECONNREFUSED', 'error ECONNREFUSED']);
  });

  test('a chain with a firewall can lead to the balancer; without that chain clients reach it as before', async () => {
    await applyFirewall(namespace, 'edge', {
      defaultAction: 'Drop',
      rules: [{ name: 'web', action: 'Accept', protocol: 'TCP', destinationPorts: [80] }],
    });
    await applyChain(namespace, 'guarded', {
      network: 'shop',
      from: [{ podSelector: { matchLabels: { app: 'client' } } }],
      to: [{ loadBalancer: 'web' }],
      functions: [
        { kind: 'Firewall', name: 'edge' },
        { kind: 'LoadBalancer', name: 'web' },
      ],
    });
    await firewallIsReady(namespace, 'edge');
    await chainIsReady(namespace, 'guarded');
    const from = await client();
    const through = await ask({ namespace, from, url: 'http://10.20.0.100', count: 60 });
    expect([...countServers(through).keys()].sort()).toEqual(await pods('web'));
    // The firewall drops it: silence, where the load balancer by itself refuses.
    const [blocked] = await ask({ namespace, from, url: 'http://10.20.0.100:81', count: 1 });
    expect(blocked).toBe('error TimeoutError');
    await kubectl(['delete', 'servicechain', 'guarded', '--wait=true'], { namespace });
    await eventually('the load balancer refuses again', async () => {
      const [answer] = await ask({ namespace, from, url: 'http://10.20.0.100:81', count: 1 });
      return answer === 'error ECONNREFUSED';
    });
  });

  // security.md: outside-evades-chain
  test('clients outside pass a firewall before it, or nobody does', async () => {
    // The firewall of the test before.
    await applyChain(namespace, 'walled', {
      network: 'shop',
      to: [{ loadBalancer: 'web' }],
      functions: [
        { kind: 'Firewall', name: 'edge' },
        { kind: 'LoadBalancer', name: 'web' },
      ],
    });
    await chainIsReady(namespace, 'walled');
    const nodes = await nodeAddresses();
    const askAll = () => Promise.all(nodes.map((node) => askFromOutside(`http://${node}:30080`)));
    const servers = await pods('web');
    const counted = async () =>
      (await get<Firewall>('firewall', 'edge', namespace)).status?.rules?.[0]?.packets ?? 0;
    const before = await counted();
    await eventually('clients outside pass the firewall', async () => {
      const answers = await askAll();
      return (await counted()) > before && answers.every((answer) => servers.includes(answer.split(' ')[0]!));
    });
    await applyFirewall(namespace, 'edge', { defaultAction: 'Drop', rules: [] });
    await firewallIsReady(namespace, 'edge');
    await eventually('the firewall drops them', async () =>
      (await askAll()).every((answer) => answer.startsWith('error')),
    );
    await kubectl(['delete', 'servicechain', 'walled', '--wait=true'], { namespace });
    await eventually('the load balancer serves them by itself again', async () =>
      (await askAll()).every((answer) => servers.includes(answer.split(' ')[0]!)),
    );
  });
});
