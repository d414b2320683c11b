// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { CounterTotals } from '../../../functions/shared/nft/counters.ts';
import { KernelTable } from '../../../functions/shared/nft/kernel-table.ts';
import { createNft } from '../../../functions/shared/nft/nft.ts';
import { PROTOCOL, TCP_FLAG, tcp } from '../../packets/frame.ts';
import { until } from '../packets/until.ts';
import {
  addressOf,
  FAMILIES,
  frame,
  type Ground,
  Mouth,
  makeGround,
  packet,
  SIGN,
  type Tenant,
} from './ground.ts';

// One instance of a firewall has the flows of both tenants: addresses, ports and protocol are the same, at once.

const SPEAK = join(import.meta.dirname, 'speak.py');
const TENANTS = ['red', 'blue'] as const;
const PORT = 7000;
const SOURCE_PORT = 7777;

let ground: Ground;
const servers: { kill(signal: 'SIGKILL'): boolean }[] = [];
beforeAll(async () => {
  ground = await makeGround();
  const nft = createNft(['ip', 'netns', 'exec', ground.firewallNetns, 'nft']);
  const table = new KernelTable({ nft, counters: new CounterTotals(nft), log: pino({ level: 'silent' }) });
  await table.open();
  const rule = { name: 'seven', action: 'Accept' as const, destinationPorts: [PORT] };
  const rules = [
    { ...rule, protocol: 'TCP' as const },
    { ...rule, name: 'seven-udp', protocol: 'UDP' as const },
  ];
  await table.apply(
    renderRuleset({ replicas: 1, defaultAction: 'Drop', stateful: true, drainSeconds: 30, rules }, new Map()),
  );
  for (const tenant of TENANTS) {
    servers.push(ground.world.spawn(`${tenant}3`, ['python3', SPEAK, 'serve', String(PORT), tenant]));
    await until(() => ground.world.try(`${tenant}3`, ['bash', '-c', `ss -Hlun | grep -q :${PORT}`]));
  }
  // The map of zones has every path: it takes a moment, in which a probe may be lost.
  await until(async () => (await ground.world.health('one')).down.length === 0);
}, 180_000);
afterAll(async () => {
  for (const server of servers) server.kill('SIGKILL');
  await ground?.close();
});

const ask = (tenant: Tenant, ...what: readonly string[]) =>
  ground.world.exec(`${tenant}2`, ['python3', SPEAK, ...what, String(PORT), String(SOURCE_PORT)]);

describe.each(FAMILIES)('over IPv%i (security.md: function-mixes-tenants)', (family) => {
  const server = addressOf(family, 3);

  test.each(['udp', 'tcp'])(
    'equal flows of %s, open at once, have each their own tenant’s answers',
    async (protocol) => {
      // Twenty questions each over one flow, both tenants in turns.
      const said = await Promise.all(TENANTS.map((tenant) => ask(tenant, 'ask', protocol, server)));
      expect(said).toEqual(TENANTS.map((tenant) => Array<string>(20).fill(tenant).join(' ')));
      const flows = await ground.world.exec('firewall', [
        'conntrack',
        '-L',
        '-f',
        family === 4 ? 'ipv4' : 'ipv6',
        '-p',
        protocol,
      ]);
      const zones = flows.split('\n').filter((line) => line.includes(`sport=${SOURCE_PORT} dport=${PORT}`));
      expect(zones.map((line) => / zone=(\d+)/.exec(line)?.[1]).sort()).toEqual(['7', '8']);
    },
  );

  test('a flow that one tenant opened lets nothing of the other pass', async () => {
    // Red holds a connection; blue sends into it without one of its own, from the server's side.
    const held = ground.world.spawn('red2', ['python3', SPEAK, 'hold', 'tcp', server, String(PORT), '7778']);
    await until(async () =>
      (await ground.world.exec('firewall', ['conntrack', '-L'])).includes('sport=7778'),
    );
    const mouth = new Mouth(ground.world, 'blue3');
    const answer = {
      source: server,
      destination: addressOf(family, 2),
      protocol: PROTOCOL.tcp,
      payload: Buffer.concat([tcp(PORT, 7778, TCP_FLAG.syn | TCP_FLAG.ack), SIGN]),
    };
    const ends = { source: ground.pods.blue[3].mac, destination: ground.pods.blue[2].mac };
    await ground.heard();
    await mouth.say(frame(family, packet(family, answer), ends));
    expect(await ground.heard()).toEqual(['firewall']);
    await mouth.close();
    held.kill('SIGKILL');
    await held;
  });
});
