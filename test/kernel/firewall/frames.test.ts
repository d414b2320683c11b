// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, macOf, makeBed } from './bed.ts';
import { decodeFrame, encodeFrame, type Packet } from './packets.ts';
import { missingForBed, run } from './shell.ts';

const UDP: Packet = {
  context: { path: 11 },
  source: '10.0.0.1',
  destination: '10.0.0.2',
  protocol: 'UDP',
  sourcePort: 1000,
  destinationPort: 53,
  icmpType: 8,
  id: 1,
};

function answerTo(packet: Packet, id: number): Packet {
  return {
    ...packet,
    context: { ...packet.context, reply: true },
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    id,
  };
}

describe('firewall: frames in, frames out', needs(missingForBed()), () => {
  let bed: Bed;

  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
  });
  afterAll(() => bed.close());

  const edit = async (rules: readonly FirewallRule[], rest: Partial<FirewallSpec> = {}): Promise<void> => {
    await bed.table.apply(
      renderRuleset(
        { replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules, ...rest },
        new Map(),
      ),
    );
    await bed.forgetFlows();
  };
  const forwarded = async (packets: readonly Packet[], gap?: number): Promise<readonly number[]> =>
    (await bed.exchange(packets.map(encodeFrame), gap))
      .map(decodeFrame)
      .flatMap((seen) => (seen.kind === 'Forwarded' ? [seen.id] : []));

  test('equal flows of two paths share no state', async () => {
    await edit([{ name: 'dns', action: 'Accept', protocol: 'UDP', destinationPorts: [53] }]);
    const elsewhere = { ...answerTo(UDP, 2), context: { path: 12, reply: true } };
    expect(await forwarded([UDP, elsewhere, answerTo(UDP, 3)])).toEqual([1, 3]);
  });

  test('the context of a packet is the same after the firewall, also of its own answers', async () => {
    await edit([{ name: 'no', action: 'Reject' }]);
    const seen = (await bed.exchange([encodeFrame({ ...UDP, context: { path: 12 } })])).map(decodeFrame);
    expect(seen).toMatchObject([{ kind: 'Rejected', answer: 'Icmp', mac: macOf({ path: 12 }) }]);
  });

  test('a packet without context is not forwarded and not tracked', async () => {
    await edit([], { defaultAction: 'Accept' });
    const [frame] = [encodeFrame(UDP)];
    const stranger = `${frame!.slice(0, 12)}02ffffffffff${frame!.slice(24)}`;
    expect(await bed.exchange([stranger])).toEqual([]);
    expect((await run(...bed.command, 'conntrack', '-C')).trim()).toBe('0');
  });

  test('a probe passes whatever the rules say, and opens no flow', async () => {
    await edit([{ name: 'no', action: 'Drop' }]);
    const probe = { ...UDP, context: { path: 11, probe: true } };
    expect(await forwarded([probe, answerTo(UDP, 2)])).toEqual([1]);
  });

  test('fragments are judged as the packet that they are of, and those of two paths are never mixed', async () => {
    await edit([{ name: 'dns', action: 'Accept', protocol: 'UDP', destinationPorts: [53] }]);
    const [first, second] = fragments({ ...UDP, id: 21 });
    const [foreign] = fragments({ ...UDP, id: 21, destinationPort: 99, context: { path: 12 } });
    // The end of path 11's packet would complete the beginning of path 12's.
    expect((await bed.exchange([foreign!, second!])).length).toBe(0);
    const out = await bed.exchange([first!]);
    expect(out.length).toBeGreaterThan(0);
    expect(out.every((frame) => frame.startsWith(macOf({ path: 11 }).replaceAll(':', '')))).toBe(true);
  });

  test('a rate lets through the burst and then so many a second; the rest goes on to the rules after', async () => {
    await edit([
      { name: 'some', action: 'Accept', protocol: 'UDP', rate: { perSecond: 10, burst: 5, per: 'Rule' } },
      { name: 'rest', action: 'Reject', protocol: 'UDP' },
    ]);
    const flows = Array.from({ length: 60 }, (_, i) => ({ ...UDP, sourcePort: 2000 + i, id: 100 + i }));
    const began = performance.now();
    const passed = await forwarded(flows, 0.02);
    const seconds = (performance.now() - began) / 1000;
    expect(passed.length).toBeGreaterThanOrEqual(5 + 5);
    expect(passed.length).toBeLessThanOrEqual(5 + Math.ceil(10 * seconds));
    const counters = await bed.counters();
    expect(counters.get('rule-some')!.packets + counters.get('rule-rest')!.packets).toBe(60);
  });

  test('a rate by source counts each source of each path for itself', async () => {
    await edit([{ name: 'each', action: 'Accept', rate: { perSecond: 1, burst: 2, per: 'Source' } }]);
    const from = (source: string, path: number, id: number): Packet => ({
      ...UDP,
      source,
      context: { path },
      sourcePort: id,
      id,
    });
    const packets = [1, 2, 3].flatMap((n) => [
      from('10.0.0.1', 11, n),
      from('10.0.0.9', 11, 10 + n),
      from('10.0.0.1', 12, 20 + n),
    ]);
    expect((await forwarded(packets)).toSorted((a, b) => a - b)).toEqual([1, 2, 11, 12, 21, 22]);
  });

  test('every echo request is held to the rate of its rule, not only the first of a ping', async () => {
    await edit([
      { name: 'ping', action: 'Accept', protocol: 'ICMP', rate: { perSecond: 1, burst: 2, per: 'Rule' } },
    ]);
    const request = (id: number): Packet => ({ ...UDP, protocol: 'ICMP', id });
    const reply = { ...answerTo(request(9), 9), icmpType: 0, sourcePort: 1000 };
    expect(await forwarded([request(1), reply, request(2), request(3), request(4)])).toEqual([1, 9, 2]);
  });

  test('an edit keeps the counts of rules, also of those that it changes', async () => {
    await edit([{ name: 'counted', action: 'Accept', protocol: 'UDP' }]);
    await forwarded([UDP]);
    const before = (await bed.counters()).get('rule-counted')!.packets;
    await edit([{ name: 'counted', action: 'Accept', protocol: 'UDP', destinationPorts: [53] }]);
    await forwarded([{ ...UDP, sourcePort: 1234 }]);
    expect((await bed.counters()).get('rule-counted')!.packets).toBe(before + 1);
  });
});

/** One datagram in two fragments, the second with the last 8 bytes. */
function fragments(packet: Packet): readonly [string, string] {
  const frame = Buffer.from(encodeFrame(packet), 'hex');
  const [ethernet, header, body] = [frame.subarray(0, 14), frame.subarray(14, 34), frame.subarray(34)];
  const part = (bytes: Buffer, offset: number, more: boolean): string => {
    const head = Buffer.from(header);
    head.writeUInt16BE(20 + bytes.length, 2);
    head.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
    head.writeUInt16BE(0, 10);
    let sum = 0;
    for (let i = 0; i < 20; i += 2) sum += head.readUInt16BE(i);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    head.writeUInt16BE(~sum & 0xffff, 10);
    return Buffer.concat([ethernet, head, bytes]).toString('hex');
  };
  return [part(body.subarray(0, 8), 0, true), part(body.subarray(8), 8, false)];
}
