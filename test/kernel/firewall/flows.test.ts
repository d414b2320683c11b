// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, makeBed } from './bed.ts';
import { addHosts, CLIENT, type Hosts, SERVER } from './hosts.ts';
import { missingForBed } from './shell.ts';

const ECHO = `require('net').createServer(s => { s.on('error', () => {}); s.pipe(s) }).listen(5000, () => console.log('up'))`;

/** One connection that says something, waits for the echo, and so on; how many came back and the longest wait. */
const talk = (ms: number, patienceMs = 3000): string => `
const socket = require('net').connect(5000, '${SERVER}');
const began = Date.now(); let sent = 0, longest = 0, failed = '';
socket.setNoDelay(); socket.on('error', e => { failed = e.code; done(); });
const say = () => { sent = performance.now(); socket.write('x') };
let echoes = 0;
socket.on('connect', say);
socket.on('data', () => { echoes++; longest = Math.max(longest, performance.now() - sent); Date.now() - began < ${ms} ? setTimeout(say, 2) : done() });
const done = () => { console.log(JSON.stringify({ echoes, longest, failed })); process.exit(0) };
setTimeout(() => { failed ||= 'silence'; done() }, ${ms + patienceMs});
`;

const connect = `
const socket = require('net').connect(5000, '${SERVER}');
socket.on('connect', () => { console.log('connected'); process.exit(0) });
socket.on('error', e => { console.log(e.code); process.exit(0) });
setTimeout(() => { console.log('silence'); process.exit(0) }, 800);
`;

describe('firewall: flows', needs(missingForBed()), () => {
  let bed: Bed;
  let hosts: Hosts;

  beforeAll(async () => {
    bed = await makeBed();
    hosts = await addHosts(bed);
    await bed.table.open();
    await hosts.serve(ECHO);
  });
  afterAll(async () => {
    await hosts.close();
    await bed.close();
  });

  const edit = (rules: readonly FirewallRule[], rest: Partial<FirewallSpec> = {}): Promise<void> =>
    bed.table.apply(
      renderRuleset(
        { replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules, ...rest },
        new Map(),
      ),
    );
  const allow = (name = 'echo'): FirewallRule => ({
    name,
    action: 'Accept',
    protocol: 'TCP',
    destinationPorts: [5000],
  });

  test('before the first ruleset nothing passes', async () => {
    expect((await hosts.client(connect)).trim()).toBe('silence');
  });

  test('an accepted connection works both ways; what no rule takes meets the default', async () => {
    await edit([allow()]);
    expect((await hosts.client(connect)).trim()).toBe('connected');
    await edit([{ ...allow(), destinationPorts: [5001] }]);
    expect((await hosts.client(connect)).trim()).toBe('silence');
  });

  test('Reject resets TCP at once, and says so even where the default is Drop', async () => {
    await edit([{ ...allow(), action: 'Reject' }]);
    expect((await hosts.client(connect)).trim()).toBe('ECONNREFUSED');
  });

  test('edit after edit under a running connection loses nothing of it', async () => {
    await edit([allow()]);
    const talking = hosts.client(talk(4000));
    const filler = (n: number): FirewallRule[] =>
      Array.from({ length: n % 50 }, (_, i) => ({
        name: `filler-${i}`,
        action: 'Drop',
        protocol: 'UDP',
        source: { cidrs: [`10.${n % 7}.${i}.0/24`] },
        destinationPorts: [1000 + i],
      }));
    let edits = 0;
    const until = Date.now() + 3500;
    while (Date.now() < until) {
      edits += 1;
      await edit(edits % 2 ? [...filler(edits), allow()] : [allow(), ...filler(edits)]);
    }
    const result = JSON.parse(await talking) as { echoes: number; longest: number; failed: string };
    console.info({ edits, ...result });
    expect(result.failed).toBe('');
    expect(result.echoes).toBeGreaterThan(100);
    expect(edits).toBeGreaterThan(10);
  });

  test('an edit that forbids what runs lets it live on, and stops what begins after it', async () => {
    await edit([allow()]);
    const talking = hosts.client(talk(1500));
    await new Promise((resolve) => setTimeout(resolve, 600));
    await edit([]);
    expect((await hosts.client(connect)).trim()).toBe('silence');
    const result = JSON.parse(await talking) as { echoes: number; failed: string };
    expect(result.failed).toBe('');
    expect(result.echoes).toBeGreaterThan(20);
  });

  test('an edit that forbids what runs stops it where the firewall keeps no state', async () => {
    const both: FirewallRule[] = [
      { ...allow('there'), source: { cidrs: [`${CLIENT}/32`] } },
      { name: 'back', action: 'Accept', protocol: 'TCP', sourcePorts: [5000] },
    ];
    await edit(both, { stateful: false });
    const talking = hosts.client(talk(1500, 500));
    await new Promise((resolve) => setTimeout(resolve, 600));
    await edit(both.slice(0, 1), { stateful: false });
    const result = JSON.parse(await talking) as { echoes: number; failed: string };
    expect(result.echoes).toBeGreaterThan(5);
    expect(result.failed).toBe('silence');
  });

  test('a ruleset that the kernel refuses leaves the old one in force', async () => {
    await edit([allow()]);
    const broken = renderRuleset(
      { replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules: [] },
      new Map(),
    );
    const chains = new Map(broken.chains).set('rules-v4', { rules: ['ip saddr @no-such-set accept'] });
    await expect(bed.table.apply({ ...broken, chains })).rejects.toThrow(/No such file or directory/);
    expect((await hosts.client(connect)).trim()).toBe('connected');
    await edit([{ ...allow(), action: 'Reject' }]);
    expect((await hosts.client(connect)).trim()).toBe('ECONNREFUSED');
  });

  test('a process that begins anew leaves the ruleset of its predecessor in force', async () => {
    await edit([allow()]);
    await bed.table.open();
    expect((await hosts.client(connect)).trim()).toBe('connected');
  });
});
