// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCondition, waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { addressesOf, connect, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { hold, reaches } from '../../kernel/vpn/traffic.ts';
import { type Client, makeOutside, needsOutside, type Outside } from './outside.ts';
import {
  applyExample,
  CONTRACTOR,
  fileOf,
  LAPTOP,
  type Peer,
  patch,
  type Secret,
  type Vpn,
  WEB,
  waitForPeer,
} from './world.ts';

const BYTES = 20_000_000;
/** Sends a lot at once on 80, and echoes on 8080. */
const STORE = `require('node:http').createServer((_, reply) => reply.end(Buffer.alloc(${BYTES}))).listen(80, '::');
require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(8080, '::');`;

/** The example, and two of its peers as machines outside with nothing but stock WireGuard and their files. */
describe('vpn: peers', needsOutside(), () => {
  const namespace = useNamespace('vpn');
  let outside: Outside;
  let laptop: Client;
  let contractor: Client;
  let store: string;
  const peerOf = (name: string): Promise<Peer> => get<Peer>('vpnpeer', name, namespace);

  beforeAll(async () => {
    outside = makeOutside();
    const networks = '[{"name": "shop", "ips": ["10.20.0.20"]}]';
    const pod = testPod({ name: 'store', labels: { app: 'store' }, networks, script: STORE });
    laptop = await outside.addClient();
    contractor = await outside.addClient();
    await applyExample(namespace);
    await apply([pod], namespace);
    await waitForPod('store', namespace);
    [store = ''] = (await addressesOf('store', namespace, `${namespace}/shop`)).filter((ip) =>
      ip.includes('.'),
    );
    await laptop.up(await fileOf('laptop', namespace));
    await contractor.up(await fileOf('contractor', namespace));
  }, 300_000);
  afterAll(() => outside?.close());

  test('a peer with the file of its Secret reaches the web server, which sees the peer’s own address', async () => {
    await eventually('the web server answers', () => reaches(laptop.namespace, WEB));
    expect(await laptop.get(`http://${WEB}/`)).toBe(`port 80 saw ${LAPTOP}`);
    expect(await contractor.get(`http://${WEB}/`)).toBe(`port 80 saw ${CONTRACTOR}`);
  });

  test('the chain’s firewall lets one peer through to a port and refuses another', async () => {
    expect(await laptop.get(`http://${WEB}:8443/`)).toBe(`port 8443 saw ${LAPTOP}`);
    expect(await contractor.get(`http://${WEB}:8443/`)).toBe('refused');
  });

  test('pods reach a peer; a chain to the VPN lets them through to one port and refuses another', async () => {
    await laptop.serve([80, 8080]);
    const ask = (port: number) => connect({ pod: 'store', namespace, address: LAPTOP, port });
    expect(await ask(8080)).toMatchObject({ outcome: 'answered' });
    await apply(
      [
        {
          apiVersion: 'heddle.dev/v1alpha1',
          kind: 'ServiceChain',
          metadata: { name: 'back' },
          spec: {
            network: 'shop',
            from: [{ podSelector: { matchLabels: { app: 'store' } } }],
            to: [{ vpn: 'branch' }],
            functions: [{ kind: 'Firewall', name: 'edge', onFailure: 'Closed' }],
          },
        },
      ],
      namespace,
    );
    await waitForCondition({ kind: 'servicechain', name: 'back', namespace }, 'Ready');
    expect(await ask(80)).toMatchObject({ outcome: 'answered', body: expect.stringContaining(store) });
    expect(await ask(8080)).toMatchObject({ outcome: 'refused' });
  });

  test('a chain that names a VPN that is not there says so, with the field', async () => {
    const change = [{ op: 'replace', path: '/spec/to', value: [{ vpn: 'nowhere' }] }];
    await kubectl(['patch', 'servicechain', 'back', '--type=json', '-p', JSON.stringify(change)], {
      namespace,
    });
    const chain = { kind: 'servicechain', name: 'back', namespace };
    const seen = await waitForCondition(chain, 'ResolvedRefs', { status: 'False' });
    expect(findCondition(seen, 'ResolvedRefs')?.message).toContain('to[0].vpn: there is no VPN nowhere');
    await kubectl(['delete', 'servicechain', 'back'], { namespace });
  });

  test('a large answer arrives without delay, because no packet in the tunnel exceeds the path MTU', async () => {
    expect(await laptop.download(`http://${store}/`)).toBe(BYTES);
  });

  test('a peer’s status says from where it came, when, and how much it sent and got', async () => {
    const seen = await eventually('the status counts', async () => {
      const peer = await peerOf('laptop');
      return (peer.status?.txBytes ?? 0) > BYTES ? peer : undefined;
    });
    expect(seen.status).toMatchObject({
      connected: true,
      addresses: [LAPTOP, expect.stringMatching(/^fd99::/)],
    });
    expect(seen.status?.rxBytes).toBeGreaterThan(1000);
    expect(seen.status?.endpoint).toMatch(/^[0-9.]+:\d+$/);
    expect(Date.now() - Date.parse(seen.status?.lastHandshake ?? '')).toBeLessThan(300_000);
    const { status } = await get<Vpn>('vpn', 'branch', namespace);
    expect(status?.connected).toBe(2);
  });

  test('a disabled peer cannot connect until it is enabled again; other peers are not affected', async () => {
    const { echo } = await hold(laptop.namespace, store);
    await patch('vpnpeer', 'contractor', namespace, { disabled: true });
    await waitForCondition({ kind: 'vpnpeer', name: 'contractor', namespace }, 'Ready', {
      status: 'False',
      reason: 'Disabled',
    });
    await waitForCondition({ kind: 'vpnpeer', name: 'contractor', namespace }, 'Programmed');
    expect(await reaches(contractor.namespace, WEB)).toBe(false);
    expect(await echo()).toBe('echoed');
    await patch('vpnpeer', 'contractor', namespace, { disabled: false });
    await eventually('the contractor is back', () => reaches(contractor.namespace, WEB));
    expect(await contractor.get(`http://${WEB}/`)).toBe(`port 80 saw ${CONTRACTOR}`);
    expect(await echo()).toBe('echoed');
  });

  test('a Secret that is deleted comes back with new keys; the old file is worth nothing, and no other changes', async () => {
    const { echo } = await hold(contractor.namespace, store);
    const [old, other] = await Promise.all([fileOf('laptop', namespace), fileOf('contractor', namespace)]);
    const { metadata } = await get<Secret>('secret', 'heddle-vpnpeer-laptop', namespace);
    await kubectl(['delete', 'secret', 'heddle-vpnpeer-laptop'], { namespace });
    await eventually('a new Secret', async () => {
      return (await get<Secret>('secret', 'heddle-vpnpeer-laptop', namespace)).metadata.uid !== metadata.uid;
    });
    await eventually('the old keys are nobody’s', async () => !(await reaches(laptop.namespace, WEB)));
    const file = await fileOf('laptop', namespace);
    expect(file).not.toBe(old);
    await laptop.up(file);
    await eventually('the new keys are the laptop’s', () => reaches(laptop.namespace, WEB));
    expect(await laptop.get(`http://${WEB}:8443/`)).toBe(`port 8443 saw ${LAPTOP}`);
    expect(await fileOf('contractor', namespace)).toBe(other);
    expect(await echo()).toBe('echoed');
  });

  test('a peer whose time is over is out by itself', async () => {
    await patch('vpnpeer', 'contractor', namespace, { expiresAt: new Date(Date.now() + 8000).toISOString() });
    expect(await reaches(contractor.namespace, WEB)).toBe(true);
    const peer = { kind: 'vpnpeer', name: 'contractor', namespace };
    await waitForCondition(peer, 'Ready', { status: 'False', reason: 'Expired' });
    await eventually('the contractor is out', async () => !(await reaches(contractor.namespace, WEB)));
    expect(await reaches(laptop.namespace, WEB)).toBe(true);
    await patch('vpnpeer', 'contractor', namespace, { expiresAt: null });
    await waitForPeer('contractor', namespace);
  });

  test('with a new key of the gateway every file is new, and only those let anybody in', async () => {
    const old = await fileOf('laptop', namespace);
    await kubectl(['delete', 'secret', 'heddle-vpn-branch-key'], { namespace });
    const file = await eventually('a new file', async () => {
      const now = await fileOf('laptop', namespace);
      return now !== old && now;
    });
    await eventually('the old key is nobody’s', async () => !(await reaches(laptop.namespace, WEB)));
    await laptop.up(file);
    await eventually('the laptop is in with its new file', () => reaches(laptop.namespace, WEB));
    const own = (text: string) => /PrivateKey = (.*)/.exec(text)?.[1];
    expect(own(file)).toBe(own(old));
  });

  test('after an edit of the pool, VPN and peer say that files from before do not work, until the mark is removed', async () => {
    const [vpn, peer] = [
      { kind: 'vpn', name: 'branch', namespace },
      { kind: 'vpnpeer', name: 'laptop', namespace },
    ];
    await patch('vpn', 'branch', namespace, { pool: ['10.99.0.0/24', 'fd98::/64'] });
    // The new key of the gateway has marked the file already.
    await eventually('the addresses of the file have changed', async () => {
      const seen = await waitForCondition(peer, 'FileCurrent', { status: 'False', reason: 'FileChanged' });
      return findCondition(seen, 'FileCurrent')?.message.includes('Address');
    });
    await waitForCondition(vpn, 'FilesCurrent', { status: 'False', reason: 'FilesChanged' });
    await eventually('an Event says so', async () => {
      const field = 'reason=FileChanged,involvedObject.name=laptop';
      return (
        (await kubectl(['get', 'events', '--field-selector', field, '-o', 'name'], { namespace })) !== ''
      );
    });
    const remove = ['annotate', 'secret', '-l', 'heddle.dev/function=vpn.branch', 'heddle.dev/file-changed-'];
    await kubectl(remove, { namespace });
    await waitForCondition(peer, 'FileCurrent');
    await waitForCondition(vpn, 'FilesCurrent');
  });
});
