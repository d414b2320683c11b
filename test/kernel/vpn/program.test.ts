// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { GatewayReport } from '../../../api/vpn-report.ts';
import { needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from '../firewall/api-server.ts';
import { type Bed, type Client, HOST, makeBed, OUTER } from './bed.ts';
import { inside, missingForVpn, NODE } from './shell.ts';
import { reaches } from './traffic.ts';
import { World } from './world.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const PATIENCE = { timeout: 60_000, interval: 250 };

interface Report extends GatewayReport {
  readonly generation: number;
  readonly inputs: string;
  readonly error: { readonly field: string; readonly message: string } | null;
}

/** The whole program in a gateway's namespace, before a real API server that has the real definitions. */
describe('vpn: the program and its API', needs(missingForVpn() ?? missingApiServer()), () => {
  const world = new World();
  const sockets = mkdtempSync(join(tmpdir(), 'heddle-wg-'));
  let bed: Bed;
  let api: ApiServer;
  let laptop: Client;
  let program: ChildProcess;
  let output = '';

  const start = (): ChildProcess => {
    // The same /run for a program and its successor, as in a pod whose container is started again.
    const script = `mkdir -p /var/run/wireguard; mount --bind ${sockets} /var/run/wireguard; exec ${NODE} functions/vpn/main.ts`;
    const child = spawn('ip', ['netns', 'exec', bed.namespace.a, 'sh', '-ec', script], {
      cwd: ROOT,
      env: {
        ...process.env,
        KUBECONFIG: api.kubeconfig,
        HEDDLE_KIND: 'VPN',
        HEDDLE_NAMESPACE: 'default',
        HEDDLE_NAME: 'branch',
        HEDDLE_POD: 'a',
        HEDDLE_PORT: '9471',
        HEDDLE_PEERS: 'heddle-vpn-branch-peers',
      },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += String(data);
      });
    }
    return child;
  };
  const get = async (path: string): Promise<{ status: number; text: string }> => {
    const script = `fetch('http://127.0.0.1:9471${path}').then(async r => console.log(JSON.stringify({ status: r.status, text: await r.text() })), e => console.log(JSON.stringify({ status: 0, text: String(e) })))`;
    return JSON.parse(await inside(bed.namespace.a, NODE, '-e', script));
  };
  const report = async (): Promise<Report> => JSON.parse((await get('/report')).text) as Report;
  const tell = async (): Promise<void> => {
    for (const secret of world.gatewaySecrets()) await api.apply(JSON.stringify(secret));
  };
  const object = (kind: string, spec: string): string =>
    `apiVersion: heddle.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: branch, namespace: default}\nspec: ${spec}\n`;

  beforeAll(async () => {
    bed = await makeBed();
    laptop = await bed.addClient('l', `${OUTER}.11`);
    api = await startApiServer(bed.namespace.a);
    await api.kubectl('apply', '--server-side', '-f', `${ROOT}/crds`);
    await api.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    program = start();
  }, 240_000);
  afterAll(async () => {
    if (process.env.TEST_OUTPUT) console.info(output);
    program?.kill('SIGKILL');
    await api?.close();
    await bed?.close();
    rmSync(sockets, { recursive: true, force: true });
  }, 60_000);

  const VALID = 'network: shop, pool: [10.99.0.0/24]';
  test.each([
    ['VPN', '{network: shop}', 'spec.pool: Required value'],
    ['VPN', '{network: shop, pool: [10.99.0.1/24]}', 'pool has a range with host bits set'],
    ['VPN', '{network: shop, pool: [10.99.0.0]}', 'pool must have address ranges'],
    ['VPN', '{network: shop, pool: [10.99.0.0/31]}', 'pool must have ranges from /8 to /30'],
    ['VPN', '{network: shop, pool: [127.0.0.0/24]}', 'pool must have unicast ranges'],
    ['VPN', '{network: shop, pool: [10.99.0.0/24, 10.99.0.0/25]}', 'pool has ranges that overlap'],
    ['VPN', `{${VALID}, endpoint: vpn.example.com}`, 'endpoint must be host:port'],
    ['VPN', `{${VALID}, endpoint: "[vpn]:51820"}`, 'endpoint must be host:port'],
    ['VPN', `{${VALID}, endpoint: "[::1::2]:51820"}`, 'endpoint has something else than an IPv6 address'],
    ['VPN', `{${VALID}, endpoint: "vpn.example.com:70000"}`, 'endpoint has a port above 65535'],
    ['VPN', `{${VALID}, routes: [10.20.0.5]}`, 'routes must be address ranges'],
    ['VPN', `{${VALID}, routes: [10.20.0.5/16]}`, 'routes has a range with host bits set'],
    ['VPN', `{${VALID}, dns: [one]}`, 'dns must be addresses of servers'],
    ['VPN', `{${VALID}, mtu: 1000}`, 'spec.mtu'],
    ['VPN', `{${VALID}, expose: {type: Ingress}}`, 'spec.expose.type'],
    ['VPN', `{${VALID}, peerToPeers: true}`, 'peerToPeers'],
    ['VPNPeer', '{}', 'spec.vpn: Required value'],
    ['VPNPeer', '{vpn: b, publicKey: c2hvcnQ=}', 'publicKey must be 32 bytes in base64'],
    ['VPNPeer', `{vpn: b, publicKey: "${'A'.repeat(43)}="}`, 'publicKey must not be all zeros'],
    ['VPNPeer', `{vpn: b, publicKey: "${'A'.repeat(42)}B="}`, 'publicKey must be 32 bytes in base64'],
    ['VPNPeer', '{vpn: b, addresses: [10.99.0.5/32]}', 'addresses must be IPv4 or IPv6 addresses'],
    ['VPNPeer', '{vpn: b, allowedIPs: [192.168.7.1]}', 'allowedIPs must be address ranges'],
    ['VPNPeer', '{vpn: b, allowedIPs: [0.0.0.0/0]}', 'allowedIPs must be unicast ranges'],
    ['VPNPeer', '{vpn: b, allowedIPs: [192.168.7.1/24]}', 'allowedIPs has a range with host bits set'],
    [
      'VPNPeer',
      '{vpn: b, allowedIPs: [192.168.0.0/16, 192.168.7.0/24]}',
      'allowedIPs has ranges that overlap',
    ],
    ['VPNPeer', '{vpn: b, expiresAt: tomorrow}', 'spec.expiresAt'],
  ])('a %s with %s is refused by naming the field', async (kind, spec, message) => {
    await expect(api.apply(object(kind, spec))).rejects.toThrow(message);
  });

  test('what is right is taken, with its defaults; a peer cannot move to another VPN', async () => {
    await api.apply(object('VPNPeer', `{vpn: branch, publicKey: "${'A'.repeat(42)}E="}`));
    await expect(
      api.apply(object('VPNPeer', `{vpn: other, publicKey: "${'A'.repeat(42)}E="}`)),
    ).rejects.toThrow('vpn cannot be changed');
    await api.apply(object('VPN', `{${VALID}, endpoint: "[2001:db8::7]:51820"}`));
    const spec = JSON.parse(await api.kubectl('get', 'vpn', 'branch', '-n', 'default', '-o', 'json')).spec;
    expect(spec).toMatchObject({
      listenPort: 51820,
      mtu: 1360,
      keepalive: 25,
      peerToPeer: false,
      replicas: 1,
    });
    expect(await api.kubectl('get', 'heddle', '-n', 'default')).toContain('vpn.heddle.dev/branch');
  }, 60_000);

  test('the example is taken as it stands in the repository', async () => {
    const file = `${ROOT}/examples/vpn/vpn.yaml`;
    const text = await api.kubectl('apply', '--server-side', '--dry-run=server', '-n', 'default', '-f', file);
    expect(text.trim().split('\n')).toHaveLength(8);
  }, 60_000);

  test('before its Secrets are there it is alive, not ready, and says what it waits for', async () => {
    await vi.waitFor(async () => expect((await get('/healthz')).status).toBe(200), PATIENCE);
    expect((await get('/readyz')).status).toBe(503);
    await vi.waitFor(async () => {
      expect((await report()).error?.message).toContain('Secret heddle-vpn-branch-key has no privateKey yet');
    }, PATIENCE);
  }, 120_000);

  test('with them it is ready, lets its peers in and reports them', async () => {
    world.peer('laptop', { presharedKey: true });
    await tell();
    await bed.moveTo('a', world.prefixes());
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    await laptop.up(world.file('laptop'));
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    const { role, peers, error, wireGuard } = await report();
    expect({ role, error }).toEqual({ role: 'Active', error: null });
    expect(['Kernel', 'Userspace']).toContain(wireGuard);
    expect(peers).toMatchObject([{ name: 'laptop', connected: true }]);
    expect((await get('/metrics')).text).toContain('heddle_vpn_peer_connected{peer="laptop"} 1');
  }, 120_000);

  test('a Secret that changes is followed without a restart; one that makes no sense changes nothing', async () => {
    const before = await report();
    world.peer('phone');
    await tell();
    await vi.waitFor(async () => expect((await report()).peers).toHaveLength(2), PATIENCE);
    expect((await report()).inputs).not.toBe(before.inputs);
    const [, config] = world.gatewaySecrets();
    await api.apply(JSON.stringify({ ...config, data: { 'gateway.json': btoa('{"privateKey": 7') } }));
    await vi.waitFor(async () => {
      expect((await report()).error?.message).toBe(
        'Secret heddle-vpn-branch-config, gateway.json: the config is not JSON',
      );
    }, PATIENCE);
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    await tell();
    await vi.waitFor(async () => expect((await report()).error).toBe(null), PATIENCE);
  }, 120_000);

  test('a tunnel that the pod’s network does not carry whole is reported with the field', async () => {
    world.vpn = { ...world.vpn, mtu: 1480 };
    await tell();
    await vi.waitFor(async () => {
      expect((await report()).error).toEqual({
        field: 'spec.mtu',
        message:
          "the pod's own network carries 1500 bytes, so packets of a tunnel of 1480 are cut in two; lower mtu to 1440",
      });
    }, PATIENCE);
    world.vpn = { ...world.vpn, mtu: 1360 };
    await tell();
    await vi.waitFor(async () => expect((await report()).error).toBe(null), PATIENCE);
  }, 120_000);

  test('a process that dies leaves the tunnel, and its successor takes it over without a new handshake', async () => {
    const before = (await report()).peers.find(({ name }) => name === 'laptop');
    program.kill('SIGKILL');
    await new Promise((done) => program.once('exit', done));
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    program = start();
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(200), PATIENCE);
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    const after = (await report()).peers.find(({ name }) => name === 'laptop');
    expect(after?.latestHandshake).toBe(before?.latestHandshake);
  }, 120_000);

  test('told to end, the active one stays until another is active, and ends then', async () => {
    program.kill('SIGTERM');
    await vi.waitFor(async () => expect((await get('/readyz')).status).toBe(503), PATIENCE);
    for (const until = Date.now() + 5000; Date.now() < until; ) {
      expect(await reaches(laptop.namespace, HOST)).toBe(true);
    }
    expect(program.exitCode).toBe(null);
    world.active = 'b';
    await tell();
    const code = await new Promise((done) => program.once('exit', done));
    expect(code).toBe(0);
    expect(output).toContain('"reason":"Empty"');
  }, 120_000);

  test('nothing that it said has a key in it', () => {
    const secrets = [world.gatewaySecret, ...world.secrets.values()].flatMap((each) =>
      Object.values(each ?? {}),
    );
    expect(secrets.length).toBeGreaterThan(2);
    expect(output.length).toBeGreaterThan(500);
    for (const secret of secrets) expect(output.includes(secret)).toBe(false);
  });
});
