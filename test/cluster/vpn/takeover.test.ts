// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { reaches } from '../../kernel/vpn/traffic.ts';
import { onlyOurs, onNode } from '../resilience/nodes.ts';
import { type Client, makeOutside, needsOutside, type Outside } from './outside.ts';
import { collectKeys, collectVisible } from './secrecy.ts';
import { applyExample, fileOf, type Vpn, WEB } from './world.ts';

/** What peers may wait for when their gateway dies. */
const MOST_MS = 3000;

interface GatewayPod {
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly containerStatuses: readonly { readonly containerID: string }[] };
}

/** The example with a Service that shows the gateway its clients, so that the next one can speak to them. */
describe('vpn: takeover', needsOutside(), () => {
  const namespace = useNamespace('vpn-takeover');
  let outside: Outside;
  let laptop: Client;

  const activeOf = async (): Promise<string> => {
    return (await get<Vpn>('vpn', 'branch', namespace)).status?.active ?? '';
  };

  beforeAll(async () => {
    outside = makeOutside();
    laptop = await outside.addClient();
    await applyExample(namespace, (text) =>
      text.replace('type: NodePort, nodePort: 31820', 'type: NodePort, externalTrafficPolicy: Local'),
    );
    await laptop.up(await fileOf('laptop', namespace));
    await eventually('the laptop is in', () => reaches(laptop.namespace, WEB));
  }, 300_000);
  afterAll(() => outside?.close());

  test('private keys are nowhere but in their own Secret (security.md: tenant-reads-vpn-keys)', async () => {
    const { keys, contents } = await collectKeys(namespace);
    expect(keys.map(({ home }) => home).sort()).toEqual([
      'heddle-vpn-branch-key',
      'heddle-vpnpeer-contractor',
      'heddle-vpnpeer-laptop',
      'heddle-vpnpeer-office',
    ]);
    const visible = await collectVisible(namespace);
    for (const [where, text] of visible) expect(text.length, where).toBeGreaterThan(100);
    for (const { home, key } of keys) {
      const elsewhere = [...contents].filter(([name]) => name !== home);
      for (const [where, text] of [...visible, ...elsewhere]) {
        const found = [key, Buffer.from(key).toString('base64')].some((form) => text.includes(form));
        expect(found, `the private key of ${home} is in ${where}`).toBe(false);
      }
    }
  });

  test('the gateways are on two nodes, and only the active one owns the ways to the peers', async () => {
    const ports = await list<{
      readonly spec: {
        readonly node: string;
        readonly pod: { readonly name: string };
        readonly prefixes?: object;
      };
    }>('ports.heddle.dev', { namespace, selector: 'heddle.dev/gateway=true' });
    expect(new Set(ports.map(({ spec }) => spec.node)).size).toBe(2);
    const owners = ports.filter(({ spec }) => spec.prefixes).map(({ spec }) => spec.pod.name);
    expect(owners).toEqual([await activeOf()]);
  });

  test('when the pod of the active gateway is gone its peers are back within three seconds', async () => {
    await expectTakeover('deleted', async (pod) => {
      await kubectl(['delete', 'pod', pod, '--grace-period=0', '--force'], { namespace });
    });
  });

  test(
    'when its processes are killed without notice, peers are back within three seconds too',
    onlyOurs(),
    async () => {
      await expectTakeover('killed', async (pod) => {
        const { spec, status } = await get<GatewayPod>('pod', pod, namespace);
        const id = status.containerStatuses[0]?.containerID.replace('containerd://', '') ?? '';
        const tasks = await onNode(spec.nodeName, ['ctr', '-n', 'k8s.io', 'tasks', 'ls']);
        const pid = tasks
          .split('\n')
          .find((line) => line.startsWith(id))
          ?.split(/\s+/)[1];
        await onNode(spec.nodeName, ['kill', '-9', pid ?? 'none']);
      });
    },
  );

  async function expectTakeover(how: string, end: (pod: string) => Promise<void>): Promise<void> {
    await waitForCondition({ kind: 'vpn', name: 'branch', namespace }, 'Ready', { timeoutMs: 90_000 });
    const took = await measureTakeover(end);
    console.info(`${how}: peers were back after ${Math.round(took)} ms`);
    // A client that must notice by itself needs 15 s.
    expect(took).toBeLessThan(MOST_MS);
  }

  /** The longest silence that a peer sees around the death of its gateway. */
  async function measureTakeover(end: (pod: string) => Promise<void>): Promise<number> {
    const before = await activeOf();
    const seen: number[] = [performance.now()];
    const ping = spawn('ip', ['netns', 'exec', laptop.namespace, 'ping', '-i', '0.05', '-W', '1', WEB]);
    ping.stdout.on('data', (data) => {
      if (/time=/.test(String(data))) seen.push(performance.now());
    });
    try {
      await eventually('packets flow', () => seen.length > 5);
      await end(before);
      await eventually('another gateway is active', async () => ![before, ''].includes(await activeOf()));
      const since = performance.now();
      await eventually('packets flow again', () => (seen.at(-1) ?? 0) > since + 200);
    } finally {
      ping.kill();
    }
    return Math.max(...seen.slice(1).map((at, index) => at - seen[index]!));
  }
});
