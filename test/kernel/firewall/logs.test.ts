// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PacketLog } from '../../../functions/firewall/logs.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { createLogger } from '../../../kube/base/log.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, makeBed } from './bed.ts';
import { encodeFrame, type Packet } from './packets.ts';
import { missingForBed } from './shell.ts';

describe('firewall: logs', needs(missingForBed()), () => {
  let bed: Bed;
  let packets: PacketLog;
  const lines: Record<string, unknown>[] = [];

  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
    const log = createLogger({
      name: 'firewall',
      destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) },
    });
    packets = new PacketLog(log, [...bed.command, 'ulogd']);
    await packets.start();
    await bed.table.apply(
      renderRuleset(
        {
          replicas: 1,
          drainSeconds: 30,
          stateful: true,
          defaultAction: 'Drop',
          rules: [
            { name: 'dns', action: 'Accept', protocol: 'UDP', destinationPorts: [53], log: true },
            { name: 'ping', action: 'Reject', protocol: 'ICMPv6', log: true },
            { name: 'quiet', action: 'Accept', protocol: 'TCP' },
          ],
        },
        new Map(),
      ),
    );
  });
  afterAll(async () => {
    packets.stop();
    await bed.close();
  });

  test('a packet of a rule with log is one JSON line with rule, action, path and addresses', async () => {
    const udp: Packet = {
      context: { path: 12 },
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 'UDP',
      sourcePort: 1000,
      destinationPort: 53,
      icmpType: 128,
      id: 1,
    };
    const echo: Packet = {
      ...udp,
      context: { path: 11, reply: true },
      source: 'fd00::1',
      destination: 'fd00::2',
      protocol: 'ICMPv6',
    };
    // ulogd needs a moment before it listens; until then nothing is lost but lines.
    await vi.waitFor(
      async () => {
        await bed.exchange([udp, echo, { ...udp, protocol: 'TCP' as const }].map(encodeFrame));
        expect(packets.logged).toBeGreaterThan(1);
      },
      { timeout: 15_000, interval: 200 },
    );
    const seen = lines.filter((line) => line.msg === 'packet');
    expect(seen.find((line) => line.rule === 'dns')).toMatchObject({
      action: 'Accept',
      pathId: 12,
      direction: 'Forward',
      protocol: 'UDP',
      source: '10.0.0.1',
      sourcePort: 1000,
      destination: '10.0.0.2',
      destinationPort: 53,
    });
    expect(seen.find((line) => line.rule === 'ping')).toMatchObject({
      action: 'Reject',
      pathId: 11,
      direction: 'Reply',
      protocol: 'ICMPv6',
      source: 'fd00::1',
      destination: 'fd00::2',
      icmpType: 128,
    });
    expect(seen.some((line) => line.rule === 'quiet')).toBe(false);
    expect(packets.logged).toBe(seen.length);
  });
});
