// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../support/needs.ts';
import { type Bed, type Client, HOST, makeBed, OUTER, VIP } from './bed.ts';
import { missingForVpn, run } from './shell.ts';
import { hold, reaches, serve } from './traffic.ts';
import { World } from './world.ts';

const MOST_MS = 3000;

describe('vpn: active and standby', needs(missingForVpn()), () => {
  const world = new World();
  let bed: Bed;
  let laptop: Client;
  let phone: Client;

  const tell = async (name: 'a' | 'b'): Promise<void> => {
    expect(await bed.ask(name, world.request())).toEqual({ applied: true });
  };
  /** What the operator learns by asking the active gateway. */
  const learn = async (): Promise<void> => {
    for (const report of (await bed.ask(world.active as 'a' | 'b')).peers ?? []) {
      world.reports.set(report.name, report);
    }
  };
  const untilReached = async (client: Client): Promise<number> => {
    const began = performance.now();
    while (!(await reaches(client.namespace, HOST, '-W', '0.2'))) {
      if (performance.now() - began > 30_000) throw new Error('the peer never came back');
    }
    return Math.round(performance.now() - began);
  };

  beforeAll(async () => {
    bed = await makeBed();
    await Promise.all([bed.startGateway('a'), bed.startGateway('b')]);
    laptop = await bed.addClient('l', `${OUTER}.11`);
    phone = await bed.addClient('p', `${OUTER}.12`);
    await serve(bed.namespace.host);
    world.peer('laptop', { presharedKey: true });
    world.peer('phone');
    world.peer('never-seen');
    await tell('a');
    await tell('b');
    await bed.moveTo('a', world.prefixes());
    await laptop.up(world.file('laptop'));
    await phone.up(world.file('phone'));
    await untilReached(laptop);
    await untilReached(phone);
  }, 120_000);
  afterAll(() => bed?.close(), 60_000);

  test('a gateway that stands by is silent and says so', async () => {
    expect((await bed.ask('a')).role).toBe('Active');
    expect(await bed.ask('b')).toMatchObject({ role: 'Standby', peers: [{ connected: false }, {}, {}] });
  });

  test('when the active one dies peers work again within 3 s, untouched, and connections live on', async () => {
    const connection = await hold(laptop.namespace, HOST);
    expect(await connection.echo()).toBe('echoed');
    await learn();
    expect(world.reports.get('never-seen')).toMatchObject({ connected: false });
    expect(world.reports.get('never-seen')).not.toHaveProperty('endpoint');
    await bed.killGateway('a');
    world.active = 'b';
    const began = performance.now();
    await bed.moveTo('b', world.prefixes());
    await tell('b');
    const [one, two] = await Promise.all([untilReached(laptop), untilReached(phone)]);
    const took = Math.round(performance.now() - began);
    console.info(`takeover: peers back ${took} ms after the order (${one} and ${two} ms after it was told)`);
    expect(took).toBeLessThan(MOST_MS);
    expect(await connection.echo()).toBe('echoed');
    expect(await bed.ask('b')).toMatchObject({
      role: 'Active',
      peers: [{ connected: true }, { connected: false }, { connected: true }],
    });
  }, 60_000);

  test('pods reach a silent peer too after a takeover: it was spoken to before it noticed', async () => {
    expect(await reaches(bed.namespace.host, world.addresses('phone')[0]!)).toBe(true);
  });

  test('handovers between two that live work the same, there and back, and the one that gave up is silent', async () => {
    const connection = await hold(laptop.namespace, HOST);
    await bed.startGateway('a');
    await tell('a');
    for (const [from, to] of [
      ['b', 'a'],
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      await learn();
      world.active = to;
      const began = performance.now();
      await tell(from);
      await tell(to);
      await bed.moveTo(to, world.prefixes());
      await Promise.all([untilReached(laptop), untilReached(phone)]);
      const took = Math.round(performance.now() - began);
      console.info(`handover from ${from} to ${to}: peers back after ${took} ms`);
      expect(took).toBeLessThan(MOST_MS);
      expect(await connection.echo()).toBe('echoed');
      const old = await bed.ask(from);
      expect(old.role).toBe('Standby');
      expect(old.peers?.some(({ connected }) => connected)).toBe(false);
    }
  }, 60_000);

  test('when WireGuard’s own program dies it is started again and speaks to its peers', async ({ skip }) => {
    skip((await bed.ask('a')).wireGuard === 'Kernel', 'the kernel has WireGuard: there is no such program');
    const connection = await hold(laptop.namespace, HOST);
    const pids = (await run('ip', 'netns', 'pids', bed.namespace.a)).split('\n').filter(Boolean);
    const names = await Promise.all(pids.map((pid) => run('cat', `/proc/${pid}/comm`)));
    process.kill(Number(pids[names.findIndex((name) => name.startsWith('wireguard'))]), 'SIGKILL');
    const took = await untilReached(laptop);
    console.info(`wireguard-go died: peers back after ${took} ms`);
    expect(took).toBeLessThan(MOST_MS);
    expect(await connection.echo()).toBe('echoed');
  }, 60_000);

  test('a client that hears nobody but the address it spoke to is back when it notices by itself', async () => {
    await phone.shell(
      `nft add table ip translator; nft add chain ip translator in '{ type filter hook input priority 0; }'; nft add rule ip translator in iifname eth0 udp sport 51820 ip saddr != ${VIP} drop`,
    );
    await phone.shell(`wg set ${phone.device} peer $(wg show ${phone.device} peers) endpoint ${VIP}:51820`);
    await learn();
    await bed.killGateway('a');
    world.active = 'b';
    const began = performance.now();
    await tell('b');
    await bed.moveTo('b', world.prefixes());
    await untilReached(phone);
    const took = Math.round(performance.now() - began);
    console.info(`takeover behind a strict translator: back after ${took} ms`);
    expect(took).toBeLessThan(25_000);
  }, 60_000);
});
