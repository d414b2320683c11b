// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attach, detach } from '../../../agent/apply/attachment.ts';
import { type Attachment, renderAttachment } from '../../../agent/render/attachment.ts';
import { formatAddress } from '../../../api/net/address.ts';
import { formatMac } from '../../../api/net/mac.ts';
import { type Ground, openGround, runIn } from './ground.ts';
import { instancePort, networkPort, node, shop } from './ports.ts';
import { describeOnKernel } from './ready.ts';
import { layWires } from './wires.ts';

const PATH = 12;
const FORWARD = (0x80000000 | PATH) >>> 0;
const REPLY = (0xa0000000 | PATH) >>> 0;

describeOnKernel("the namespace of a function's instance", () => {
  let ground: Ground;
  let instance: Attachment;
  let client: Attachment;
  let server: Attachment;

  const show = (attachment: Attachment, ...args: string[]) =>
    runIn(attachment.netnsPath, ['ip', ...args]).trim();
  const attachOne = (attachment: Attachment) => attach({ kernel: ground.kernel, paths: ground, attachment });
  const ping = (from: Attachment, to: string, ...more: string[]) =>
    runIn(from.netnsPath, ['ping', '-c', '1', '-W', '2', ...more, to]);

  function pod(number: number): Attachment {
    const port = networkPort({
      uid: `uid-${number}`,
      addresses: [`10.20.0.${number}`, `fd20::${number}`],
      mac: `06:00:00:00:00:${number}`,
    });
    return renderAttachment({ port, netnsPath: ground.addNetns(`pod-${number}`), network: shop, node });
  }

  /** Neighbours by hand: the small data path of the tests answers no ARP. */
  function introduce(one: Attachment, two: Attachment): void {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const mac = formatMac(to.mac);
      for (const { address } of to.addresses) {
        show(
          from,
          'neigh',
          'replace',
          formatAddress(address),
          'lladdr',
          mac,
          'dev',
          'net1',
          'nud',
          'permanent',
        );
      }
    }
  }

  beforeAll(async () => {
    ground = openGround();
    instance = renderAttachment({
      port: instancePort({ uid: 'uid-fw', instance: 7 }),
      netnsPath: ground.addNetns('instance'),
      node,
    });
    [client, server] = [pod(21), pod(22)];
    const [c, s, i] = [await attachOne(client), await attachOne(server), await attachOne(instance)];
    introduce(client, server);
    const toInstance = { to: i.hostIfindex, mac: instance.mac };
    await layWires(ground, [
      { from: c.hostIfindex, ...toInstance, mark: FORWARD },
      { from: s.hostIfindex, ...toInstance, mark: REPLY },
      { from: i.hostIfindex, context: FORWARD, to: s.hostIfindex, mac: server.mac },
      { from: i.hostIfindex, context: REPLY, to: c.hostIfindex, mac: client.mac },
    ]);
  });
  afterAll(() => ground?.close());

  it('forwards what carries a context, both families, with the addresses untouched', () => {
    expect(ping(client, '10.20.0.22')).toContain('1 received');
    expect(ping(client, 'fd20::22')).toContain('1 received');
    expect(ping(server, '10.20.0.21')).toContain('1 received');
  });

  it('answers an expired packet from the address for errors, on the way back to whoever sent it', () => {
    const expired = (to: string) => {
      try {
        return ping(client, to, '-t', '1');
      } catch (error) {
        return error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      }
    };
    expect(expired('10.20.0.22')).toMatch(/From 192\.0\.0\.8 .*Time to live exceeded/);
    expect(expired('fd20::22')).toMatch(/From fd48:6564:646c:65::8.*Time exceeded/);
  });

  it('has two rules before all others: contexts out of chain0, then the local table', () => {
    for (const family of ['-4', '-6']) {
      const rules = show(instance, family, 'rule').split('\n');
      expect(rules.slice(0, 2).map((rule) => rule.replace(/\s+/g, ' ').trim())).toEqual([
        '0: from all fwmark 0x80000000/0x80000000 lookup 100',
        '1: from all lookup local',
      ]);
    }
  });

  it('keeps its own traffic out of the chains', () => {
    const route = show(instance, 'route', 'get', '192.0.0.8');
    expect(route).toContain('local');
    expect(() => show(instance, 'route', 'get', '10.20.0.22')).toThrow(/unreachable/);
    expect(show(instance, 'route', 'get', '10.20.0.22', 'mark', '0x8000000c')).toContain('dev chain0');
  });

  it('has no link-local address, and never asks for its gateway', () => {
    expect(show(instance, '-6', 'addr', 'show', 'dev', 'chain0')).not.toContain('fe80');
    const neighbours = show(instance, 'neigh', 'show', 'dev', 'chain0');
    expect(neighbours).toContain('169.254.1.1 lladdr 0a:00:00:00:00:01 PERMANENT');
    expect(show(instance, '-6', 'neigh', 'show', 'dev', 'chain0')).toContain(
      'fe80::1 lladdr 0a:00:00:00:00:01',
    );
  });

  it('has every switch that forwarding without addresses needs', () => {
    for (const { path, value } of instance.sysctls) {
      expect(runIn(instance.netnsPath, ['cat', `/proc/sys/${path}`]).trim(), path).toBe(value);
    }
  });

  it('is the same after chain0 was taken away and made again', async () => {
    const before = ['rule', 'addr', 'neigh'].map((what) =>
      show(instance, '-6', what).replace(/\d+: chain0@\S+/g, ''),
    );
    await detach({ kernel: ground.kernel, hostName: instance.hostName });
    await attachOne(instance);
    const after = ['rule', 'addr', 'neigh'].map((what) =>
      show(instance, '-6', what).replace(/\d+: chain0@\S+/g, ''),
    );
    expect(after).toEqual(before);
    expect(show(instance, 'rule').split('\n')).toHaveLength(4);
  });

  it('changes nothing at a second call', async () => {
    const written = await ground.kernel.sysctl({ netns: instance.netnsPath, entries: instance.sysctls });
    expect(written).toBe(0);
    expect((await attachOne(instance)).created).toBe(false);
  });
});
