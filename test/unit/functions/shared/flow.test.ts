// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { isLive, parseFlow, type Timeouts } from '../../../../functions/shared/flow.ts';

const settings: Readonly<Record<string, number>> = {
  tcp_timeout_fin_wait: 120,
  tcp_timeout_close_wait: 60,
  tcp_timeout_last_ack: 30,
  tcp_timeout_syn_sent: 120,
  tcp_timeout_syn_recv: 60,
  udp_timeout: 30,
  udp_timeout_stream: 120,
  icmp_timeout: 30,
  icmpv6_timeout: 30,
  generic_timeout: 600,
  sctp_timeout_shutdown_sent: 3,
};
const timeouts: Timeouts = (setting) => settings[setting];

/** A line as conntrack 1.4.7 prints it. */
function line(start: string, flags = '[ASSURED]', zone = ' zone=12'): string {
  return `${start} src=10.0.0.1 dst=10.0.0.2 sport=45168 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=45168 ${flags} mark=0${zone} use=1`;
}

const live = (text: string): boolean => isLive(parseFlow(text)!, timeouts);

describe('an instance stays for', () => {
  test.each([
    ['an open TCP connection, however quiet', 'tcp      6 1 ESTABLISHED'],
    ['one of which one side is still sending', 'tcp      6 57 CLOSE_WAIT'],
    ['one of which one side is still sending', 'tcp      6 95 FIN_WAIT'],
    ['one that is being opened', 'tcp      6 59 SYN_RECV'],
    ['an open SCTP association', 'sctp     132 100 ESTABLISHED'],
    ['a conversation by UDP', 'udp      17 95'],
    ['a protocol that it knows nothing of', 'dccp     33 10 OPEN'],
  ])('%s (%s)', (_what, start) => {
    expect(live(line(start))).toBe(true);
  });

  test('a question that is a second old, also without an answer', () => {
    expect(live(line('udp      17 29', '[UNREPLIED]'))).toBe(true);
    expect(live(line('icmp     1 29', ''))).toBe(true);
    expect(live(line('unknown  2 599', '[UNREPLIED]'))).toBe(true);
  });
});

describe('an instance does not stay for', () => {
  test.each([
    ['a connection that has ended', 'tcp      6 117 TIME_WAIT'],
    ['one that was reset', 'tcp      6 9 CLOSE'],
    ['one that waits for a last acknowledgement which does not come', 'tcp      6 20 LAST_ACK'],
    ['one half of which has been silent for long', 'tcp      6 20 CLOSE_WAIT'],
    ['an attempt that nobody answers', 'tcp      6 110 SYN_SENT'],
    ['a conversation that has been silent for long', 'udp      17 80'],
    ['an association that is closed', 'sctp     132 9 CLOSED'],
  ])('%s (%s)', (_what, start) => {
    expect(live(line(start))).toBe(false);
  });

  test('a question that is some seconds old', () => {
    expect(live(line('udp      17 25', ''))).toBe(false);
    expect(live(line('icmpv6   58 25', ''))).toBe(false);
  });

  test('flows of the pod itself, which have no zone', () => {
    expect(live(line('tcp      6 431999 ESTABLISHED', '[ASSURED]', ''))).toBe(false);
  });
});

test('what conntrack says besides flows is no flow', () => {
  expect(parseFlow('conntrack v1.4.7 (conntrack-tools): 7 flow entries have been shown.')).toBeUndefined();
  expect(parseFlow('')).toBeUndefined();
});
