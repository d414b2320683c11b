// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { functionPort } from '../../../api/names.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, type Client, HOST, makeBed, OUTER } from './bed.ts';
import { missingForVpn, run, shell } from './shell.ts';
import { download, reaches, serve } from './traffic.ts';
import { World } from './world.ts';

const OWN_PORT = functionPort;
const OTHER_HOST = '10.20.0.11';

/** Programs that write down what they are started with, and then are what they are named. */
async function makeWitnesses(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-witness-'));
  for (const tool of ['ip', 'nft', 'wg', 'wireguard-go']) {
    const real = (await run('sh', '-c', `command -v ${tool}`)).trim();
    const file = join(folder, tool);
    writeFileSync(file, `#!/bin/sh\n{ echo "$0 $@"; env; } >>${folder}/seen\nexec ${real} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}

describe('vpn: what must not be', needs(missingForVpn()), () => {
  const world = new World();
  let bed: Bed;
  let laptop: Client;
  let clusterPod: Client;
  let witnesses: string;

  beforeAll(async () => {
    bed = await makeBed();
    witnesses = await makeWitnesses();
    clusterPod = await bed.addClient('c', `${OUTER}.20`);
    // A pod of the cluster with the very address of the tenants' host, and the way of the CNI to it.
    await clusterPod.shell(`ip addr add ${HOST}/32 dev lo`);
    await shell(bed.namespace.a, `ip route add ${HOST}/32 via ${OUTER}.20 dev eth0`);
    await shell(bed.namespace.host, `ip addr add ${OTHER_HOST}/16 dev net1`);
    await bed.startGateway('a', witnesses);
    laptop = await bed.addClient('l', `${OUTER}.11`);
    world.vpn = { ...world.vpn, routes: [`${HOST}/32`] };
    world.peer('laptop', { presharedKey: true });
    expect(await bed.ask('a', world.request())).toEqual({ applied: true });
    await bed.moveTo('a', world.prefixes());
    await laptop.up(world.file('laptop').replace(/^AllowedIPs = /m, 'AllowedIPs = 10.20.0.0/16, '));
    await serve(bed.namespace.host);
    await serve(clusterPod.namespace, OWN_PORT);
    await serve(bed.namespace.a, OWN_PORT);
  }, 120_000);
  afterAll(async () => {
    await bed?.close();
    if (witnesses) rmSync(witnesses, { recursive: true, force: true });
  }, 60_000);

  test('a peer reaches what the routes say, and is told that it may not reach the rest', async () => {
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    const answer = await laptop.shell(`ping -c 1 -W 1 ${OTHER_HOST} 2>&1 || true`);
    expect(answer).toContain('From 10.99.0.1 icmp_seq=1 Destination Host Unreachable');
  });

  test('a peer speaks from its own addresses only', async () => {
    await laptop.shell(
      `ip addr add 10.99.0.77/32 dev ${laptop.device}; ip addr add 10.20.0.77/32 dev ${laptop.device}`,
    );
    const forged = ['10.99.0.77', '10.20.0.77'].map((address) =>
      reaches(laptop.namespace, HOST, '-I', address),
    );
    expect(await Promise.all(forged)).toEqual([false, false]);
  });

  test('the gateway answers pings, but peers and tenants cannot reach its own ports', async () => {
    expect(await reaches(laptop.namespace, '10.99.0.1')).toBe(true);
    const asks = (namespace: string, address: string): Promise<string> =>
      shell(
        namespace,
        `timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/${OWN_PORT} && echo open' 2>/dev/null || echo shut`,
      ).then((text) => text.trim());
    const answers = Promise.all([
      asks(laptop.namespace, '10.99.0.1'),
      asks(bed.namespace.host, '10.20.0.2'),
      asks(clusterPod.namespace, `${OUTER}.2`),
    ]);
    expect(await answers).toEqual(['shut', 'shut', 'open']);
  });

  // security.md: function-joins-cluster
  test('tenants and the pod’s own network never meet, even when their addresses are the same', async () => {
    await shell(bed.namespace.host, `ip route add ${OUTER}.0/24 via 10.20.0.2 dev net1`);
    expect(await reaches(bed.namespace.host, `${OUTER}.20`)).toBe(false);
    await clusterPod.shell(`ip route add 10.99.0.0/24 via ${OUTER}.2 dev eth0`);
    expect(await reaches(clusterPod.namespace, world.addresses('laptop')[0]!)).toBe(false);
    // One address, two hosts: the gateway's own packets go to the cluster's pod, the peers' to the tenant's.
    const own = await shell(
      bed.namespace.a,
      `timeout 3 bash -c 'exec 3<>/dev/tcp/${HOST}/${OWN_PORT} && echo hello >&3 && head -c 5 <&3'`,
    );
    expect(own).toBe('hello');
    expect((await download(laptop.namespace, HOST, 1000)).got).toBe(1000);
    // And an answer to somebody in the cluster who has a tenant's address goes back to the cluster.
    expect(await reaches(clusterPod.namespace, `${OUTER}.2`, '-I', HOST)).toBe(true);
  });

  test('no key is in arguments, environment or logs, whatever is changed (security.md: tenant-reads-vpn-keys)', async () => {
    world.peer('phone', { presharedKey: true });
    await bed.ask('a', world.request());
    world.secrets.delete('phone');
    world.gatewaySecret = undefined;
    await bed.ask('a', world.request());
    const secrets = [world.gatewaySecret, ...world.secrets.values()].flatMap((stored) =>
      Object.values(stored ?? {}),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    const seen = readFileSync(join(witnesses, 'seen'), 'utf8');
    expect(seen).toContain('preshared-key');
    expect(seen).toContain('private-key');
    const pids = (await run('ip', 'netns', 'pids', bed.namespace.a)).split('\n').filter(Boolean);
    const processes = pids.map((pid) =>
      ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1')).join(),
    );
    for (const text of [seen, bed.gateway('a').said, ...processes]) {
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    }
    const left = await shell(bed.namespace.a, 'ls -d /tmp/heddle-vpn-?????? 2>/dev/null || true');
    expect(left.split('\n').filter((line) => line && !line.includes('test'))).toEqual([]);
  });
});
