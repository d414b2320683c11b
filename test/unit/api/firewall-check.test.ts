// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { checkFirewall } from '../../../api/firewall-check.ts';
import type { FirewallRule, FirewallSpec } from '../../../api/index.ts';

function check(rule: Partial<FirewallRule>, sets: FirewallSpec['sets'] = []) {
  return checkFirewall({
    replicas: 1,
    drainSeconds: 30,
    stateful: true,
    defaultAction: 'Drop',
    sets,
    rules: [
      { name: 'first', action: 'Drop' },
      { name: 'r', action: 'Accept', ...rule },
    ],
  });
}

describe('firewall: what a schema cannot say', () => {
  test('a sound spec has no fault', () => {
    const sets = [{ name: 'bad', cidrs: ['10.0.0.0/8', 'fd00::/8'] }];
    const rule: Partial<FirewallRule> = {
      protocol: 'TCP',
      source: { set: 'bad' },
      destination: { cidrs: ['10.0.0.1/32'], not: true },
      sourcePorts: [1, '2-65535'],
    };
    expect(check(rule, sets)).toEqual([]);
  });

  test('a set that the firewall does not have is named, beside those that it has', () => {
    const sets = [
      { name: 'good', cidrs: [] },
      { name: 'bad', cidrs: [] },
    ];
    expect(check({ source: { set: 'bda' } }, sets)).toEqual([
      {
        field: 'spec.rules[1].source.set',
        message: 'the firewall has no set bda in spec.sets; it has bad, good',
      },
    ]);
    expect(check({ destination: { set: 'x' } })[0]?.message).toContain('it has none');
  });

  test.each([
    [{ protocol: 'ICMP', source: { cidrs: ['fd00::/8'] } }, 'source is IPv6, protocol ICMP is IPv4'],
    [
      { protocol: 'ICMPv6', destination: { cidrs: ['10.0.0.0/8'] } },
      'destination is IPv4, protocol ICMPv6 is IPv6',
    ],
    [
      { source: { cidrs: ['10.0.0.0/8'] }, destination: { cidrs: ['fd00::/8'] } },
      'source is IPv4, destination is IPv6',
    ],
  ] as const)('a rule of mixed families can never match: %j', (rule, message) => {
    expect(check(rule)).toEqual([
      { field: 'spec.rules[1]', message: `no packet can ever match: ${message}` },
    ]);
  });

  test('a rule of one family is sound, and one that excludes a part of a family', () => {
    const v4 = { cidrs: ['10.0.0.0/8'] };
    expect(check({ source: v4, destination: v4 })).toEqual([]);
    expect(check({ source: v4, destination: v4, protocol: 'ICMP' })).toEqual([]);
    expect(check({ source: v4, destination: v4, protocol: 'ICMPv6' })[0]?.message).toContain(
      'source is IPv4, protocol ICMPv6 is IPv6',
    );
    expect(check({ source: { ...v4, not: true }, protocol: 'ICMP' })).toEqual([]);
  });

  test('a peer that excludes everything can never match', () => {
    expect(check({ source: { cidrs: ['0.0.0.0/0', '::/0'], not: true } })[0]?.field).toBe(
      'spec.rules[1].source',
    );
    expect(check({ source: { cidrs: ['0.0.0.0/0'], not: true } })).toEqual([]);
  });

  test.each(['10.0.0.0', '10.0.0.1/8', '10.0.0.0/33', 'fd00::1/64', 'x/8'])(
    '%s is no address range',
    (cidr) => {
      const [fault] = check({ source: { cidrs: ['10.0.0.0/8', cidr] } });
      expect(fault?.field).toBe('spec.rules[1].source.cidrs[1]');
      expect(fault?.message).toContain(cidr);
    },
  );

  test('ports run upwards, are ports, and need a protocol that has some', () => {
    expect(check({ protocol: 'TCP', destinationPorts: ['90-80'] })).toEqual([
      { field: 'spec.rules[1].destinationPorts[0]', message: '"90-80" ends before it begins; write "80-90"' },
    ]);
    expect(check({ protocol: 'TCP', sourcePorts: [80, 70000] })[0]?.field).toBe(
      'spec.rules[1].sourcePorts[1]',
    );
    for (const port of [0, '0', '0-80', 'http', '80-', '']) {
      expect([port, check({ protocol: 'TCP', destinationPorts: [port] })[0]?.message]).toEqual([
        port,
        `"${port}" is no port; write 80 or "8000-8010"`,
      ]);
    }
    expect(check({ protocol: 'UDP', sourcePorts: [1, 65535, '80-80'] })).toEqual([]);
    expect(check({ protocol: 'ICMP', sourcePorts: [80] })[0]?.message).toBe(
      'sourcePorts need protocol TCP, UDP or SCTP',
    );
    expect(check({ destinationPorts: [80] })[0]?.message).toBe(
      'destinationPorts need protocol TCP, UDP or SCTP',
    );
    expect(check({ protocol: 'UDP', icmpTypes: [8] })[0]?.message).toBe(
      'icmpTypes need protocol ICMP or ICMPv6',
    );
  });

  test('types of ICMP are for either version of it', () => {
    expect(check({ protocol: 'ICMP', icmpTypes: [8] })).toEqual([]);
    expect(check({ protocol: 'ICMPv6', icmpTypes: [128] })).toEqual([]);
    expect(check({ icmpTypes: [8] })).toHaveLength(1);
  });

  test('two rules of one name, and a set of nothing', () => {
    expect(check({ name: 'first' })[0]).toMatchObject({ field: 'spec.rules' });
    expect(check({}, [{ name: 'empty' }])).toEqual([
      { field: 'spec.sets[0]', message: 'set empty has neither cidrs nor configMapRef' },
    ]);
  });
});
