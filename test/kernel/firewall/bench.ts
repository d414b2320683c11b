// SPDX-License-Identifier: Apache-2.0
/**
 * Measures the cost of the first packet of a flow by the number of rules: `node test/kernel/firewall/bench.ts`. The
 * kernel's own packet generator would need a driver. So a sender in a separate namespace sends UDP as fast as it can to
 * the function, whose last rule drops it: no flow is made, and every packet is a first one. The output is packets per
 * second that the firewall judged, and the ratio to 10 rules.
 */

import type { FirewallRule } from '../../../api/index.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { makeBed, PATHS } from './bed.ts';
import { encodeFrame } from './packets.ts';
import { run } from './shell.ts';

const SHAPES: Readonly<Record<string, (i: number) => Omit<FirewallRule, 'name' | 'action'>>> = {
  'one prefix length and a port': (i) => ({
    protocol: 'UDP',
    source: { cidrs: [`10.${i >> 8}.${i & 255}.0/24`] },
    destinationPorts: [80],
  }),
  'all prefix lengths and ranges of ports': (i) => ({
    protocol: 'UDP',
    source: { cidrs: [`10.${i >> 8}.${i & 255}.0/${24 + (i % 9)}`] },
    destinationPorts: [80, `${1000 + (i % 50)}-2000`],
  }),
  'IPv6 networks and a port': (i) => ({
    protocol: 'UDP',
    source: { cidrs: [`fd00:${i.toString(16)}::/${32 + (i % 33)}`] },
    destinationPorts: [80],
  }),
};

const SENDER = `
import socket, sys, time
frame = bytes.fromhex(sys.argv[2])
port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
port.bind((sys.argv[1], 0))
sent, end = 0, time.process_time() + 1.0
while time.process_time() < end:
    for _ in range(200): port.send(frame)
    sent += 200
print(sent / 1.0)
`;

const bed = await makeBed();
await bed.table.open();
for (const [shape, make] of Object.entries(SHAPES)) {
  let base = 0;
  for (const count of [10, 1000, 10_000, 30_000]) {
    const rules = Array.from(
      { length: count },
      (_, i): FirewallRule => ({ name: `r${i}`, action: 'Accept', ...make(i) }),
    );
    const began = performance.now();
    await bed.table.apply(
      renderRuleset(
        { replicas: 1, drainSeconds: 30, stateful: true, defaultAction: 'Drop', rules },
        new Map(),
      ),
    );
    const loadMs = Math.round(performance.now() - began);
    const v6 = shape.startsWith('IPv6');
    const frame = encodeFrame({
      context: { path: PATHS[0] },
      source: v6 ? 'fdff::1' : '192.168.0.1',
      destination: v6 ? 'fdff::2' : '192.168.0.2',
      protocol: 'UDP',
      sourcePort: 1000,
      destinationPort: 80,
      icmpType: 0,
      id: 1,
    });
    const speeds: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      // veth runs the receiver in the sender's time, so the sender's CPU seconds are the cost of both.
      speeds.push(
        Number(await run('ip', 'netns', 'exec', bed.wireNamespace, 'python3', '-c', SENDER, 'port', frame)),
      );
    }
    const median = speeds.sort((a, b) => a - b)[2]!;
    base ||= median;
    console.log(
      `${shape}: ${count} rules, ${Math.round(median)} packets a CPU second, ratio ${(median / base).toFixed(2)}, rendered and loaded in ${loadMs} ms`,
    );
  }
}
await bed.close();
