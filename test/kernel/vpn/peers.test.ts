// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { needs, skipWhere } from '../../support/needs.ts';
import { type Bed, type Client, HOST, HOST6, makeBed, OUTER } from './bed.ts';
import { missingForVpn, shell } from './shell.ts';
import { download, hold, reaches, serve } from './traffic.ts';
import { lacksWireGuard, makeToolsWithoutKernel } from './wireguard.ts';
import { World } from './world.ts';

const PATIENCE = { timeout: 20_000, interval: 200 };
const MIB = 1024 * 1024;

const WIREGUARDS = ['Kernel', 'Userspace'] as const;
const here = WIREGUARDS.filter((wireGuard) => lacksWireGuard(wireGuard) === undefined);

// One line for all tests of the kind that this machine does not have.
for (const wireGuard of WIREGUARDS.filter((each) => !here.includes(each)))
  test(`vpn: stock clients of WireGuard: ${wireGuard}`, skipWhere(lacksWireGuard(wireGuard)));

describe.each(here)('vpn: stock clients of WireGuard: %s', needs(missingForVpn()), (wireGuard) => {
  const world = new World();
  const tools = wireGuard === 'Userspace' ? makeToolsWithoutKernel() : undefined;
  let bed: Bed;
  let laptop: Client;
  let phone: Client;
  let site: Client;

  /** The operator's next pass, and its way to the gateway. */
  const settle = async (): Promise<void> => {
    expect(await bed.ask('a', world.request())).toEqual({ applied: true });
    await bed.moveTo('a', world.prefixes());
  };
  const reportOf = async (name: string) => (await bed.ask('a')).peers?.find((peer) => peer.name === name);
  const v4Of = (name: string): string => world.addresses(name)[0]!;

  beforeAll(async () => {
    bed = await makeBed();
    await bed.startGateway('a', tools?.path);
    laptop = await bed.addClient('l', `${OUTER}.11`);
    phone = await bed.addClient('p', `${OUTER}.12`);
    site = await bed.addClient('s', `${OUTER}.13`);
    await serve(bed.namespace.host);
    world.peer('laptop', { presharedKey: true });
    world.peer('phone');
    await settle();
    await laptop.up(world.file('laptop'));
    await phone.up(world.file('phone'));
  }, 120_000);
  afterAll(async () => {
    await bed?.close();
    tools?.remove();
  }, 60_000);

  test('the gateway uses it', async () => {
    expect((await bed.ask('a')).wireGuard).toBe(wireGuard);
  });

  test('the file of the Secret works as it is: the peer reaches the network by both IP versions', async () => {
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    expect(await reaches(laptop.namespace, HOST6)).toBe(true);
    const report = await reportOf('laptop');
    expect(report?.connected).toBe(true);
    expect(report?.endpoint).toMatch(/^192\.0\.2\.11:\d+$/);
    expect(report?.rxBytes).toBeGreaterThan(0);
    expect(report?.txBytes).toBeGreaterThan(0);
  });

  test('pods of the network reach the peer, by ping and by TCP', async () => {
    await serve(laptop.namespace);
    for (const address of world.addresses('laptop')) {
      expect(await reaches(bed.namespace.host, address)).toBe(true);
      expect(await (await hold(bed.namespace.host, address)).echo()).toBe('echoed');
    }
  });

  test('large transfers work at once both ways, and senders of packets that are too large learn the MTU', async () => {
    for (const [from, to] of [
      [laptop.namespace, HOST],
      [laptop.namespace, HOST6],
      [bed.namespace.host, v4Of('laptop')],
    ] as const) {
      const { got, ms } = await download(from, to, 10 * MIB);
      expect(got).toBe(10 * MIB);
      expect(ms).toBeLessThan(10_000);
    }
    const whole = ['-M', 'do', '-s', String(1360 - 28)] as const;
    expect(await reaches(bed.namespace.host, v4Of('laptop'), ...whole)).toBe(true);
    expect(await reaches(laptop.namespace, HOST, ...whole)).toBe(true);
    const tooMuch = `ping -c 2 -W 1 -M do -s ${1361 - 28} ${v4Of('laptop')} 2>&1 || true`;
    expect(await shell(bed.namespace.host, tooMuch)).toMatch(/mtu ?=? ?1360/i);
  }, 120_000);

  test('peers that come, go, expire and are disabled do not disturb another one', async () => {
    const connection = await hold(laptop.namespace, HOST);
    const before = await reportOf('laptop');
    expect(await reaches(phone.namespace, HOST)).toBe(true);

    world.peer('phone', { disabled: true });
    world.peer('tablet', { expiresAt: new Date(Date.now() + 3600_000).toISOString() });
    await settle();
    expect(await reaches(phone.namespace, HOST)).toBe(false);
    expect(await connection.echo()).toBe('echoed');

    world.peer('phone', { disabled: false, expiresAt: new Date(world.now.getTime() + 60_000).toISOString() });
    await settle();
    await vi.waitFor(async () => expect(await reaches(phone.namespace, HOST)).toBe(true), PATIENCE);
    expect(world.decide().nextExpiry?.getTime()).toBe(Date.parse(world.peers.get('phone')?.expiresAt ?? ''));
    world.now = new Date(world.now.getTime() + 61_000);
    await settle();
    expect(await reaches(phone.namespace, HOST)).toBe(false);

    world.peers.delete('tablet');
    world.peer('phone', { expiresAt: undefined });
    await settle();
    expect(await connection.echo()).toBe('echoed');
    // Not even a new handshake: its session never noticed.
    expect((await reportOf('laptop'))?.latestHandshake).toBe(before?.latestHandshake);
  }, 120_000);

  test('a peer whose keys are made anew is out with the old file and in with the new one', async () => {
    const connection = await hold(laptop.namespace, HOST);
    // It was out a moment ago: by itself it would notice after 15 s (WireGuard's own times), as in the test before.
    await phone.down();
    await phone.up(world.file('phone'));
    expect(await reaches(phone.namespace, HOST)).toBe(true);
    const address = v4Of('phone');
    world.secrets.delete('phone');
    await settle();
    expect(await reaches(phone.namespace, HOST)).toBe(false);
    await phone.down();
    await phone.up(world.file('phone'));
    expect(await reaches(phone.namespace, HOST)).toBe(true);
    expect(v4Of('phone')).toBe(address);
    expect(await connection.echo()).toBe('echoed');
  }, 60_000);

  test('networks behind a peer are reached through it, and reach the pods', async () => {
    world.peer('office', { allowedIPs: ['192.168.7.0/24', 'fd07::/64'] });
    await settle();
    expect(world.prefixes()).toEqual(['10.99.0.0/24', '192.168.7.0/24', 'fd07::/64', 'fd99::/112']);
    await site.up(world.file('office'));
    await site.shell('ip addr add 192.168.7.1/24 dev lo; ip addr add fd07::1/64 dev lo nodad');
    await vi.waitFor(async () => {
      expect(await reaches(site.namespace, HOST, '-I', '192.168.7.1')).toBe(true);
    }, PATIENCE);
    expect(await reaches(bed.namespace.host, '192.168.7.1')).toBe(true);
    expect(await reaches(bed.namespace.host, 'fd07::1')).toBe(true);
  }, 60_000);

  test('peers do not reach each other, until a setting lets them', async () => {
    world.vpn = { ...world.vpn, routes: ['10.20.0.0/16', 'fd20::/64', '192.168.7.0/24'] };
    await settle();
    for (const [client, name] of [
      [laptop, 'laptop'],
      [phone, 'phone'],
    ] as const) {
      await client.down();
      await client.up(world.file(name).replace(/^AllowedIPs = /m, 'AllowedIPs = 10.99.0.0/24, '));
    }
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
    expect(await reaches(phone.namespace, HOST)).toBe(true);
    expect(await reaches(laptop.namespace, v4Of('phone'))).toBe(false);
    expect(await reaches(laptop.namespace, '192.168.7.1')).toBe(false);

    world.vpn = { ...world.vpn, peerToPeer: true };
    expect(world.file('laptop')).toContain('10.99.0.0/24');
    await settle();
    expect(await reaches(laptop.namespace, v4Of('phone'))).toBe(true);
    await site.down();
    await site.up(world.file('office'));
    await vi.waitFor(async () => {
      expect(await reaches(laptop.namespace, '192.168.7.1')).toBe(true);
    }, PATIENCE);

    world.vpn = { ...world.vpn, peerToPeer: false, routes: undefined };
    await settle();
    expect(await reaches(laptop.namespace, v4Of('phone'))).toBe(false);
  }, 60_000);

  test('after a new key of the gateway, a peer needs its new file and no other change', async () => {
    world.gatewaySecret = undefined;
    await settle();
    expect(await reaches(laptop.namespace, HOST)).toBe(false);
    await laptop.down();
    await laptop.up(world.file('laptop'));
    expect(await reaches(laptop.namespace, HOST)).toBe(true);
  }, 60_000);
});
