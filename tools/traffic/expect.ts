// SPDX-License-Identifier: Apache-2.0
import { expect } from 'vitest';
import type { TrafficResult } from './result.ts';

/** Expects that no packet, connection or answer was lost. */
export function expectNoLoss({ udp, tcp, fresh }: TrafficResult): void {
  expect(udp.sent).toBeGreaterThan(0);
  expect(udp.gaps).toEqual([]);
  expect(udp.lost).toBe(0);
  expect(tcp.broken).toEqual([]);
  expect(tcp.unanswered).toBe(0);
  expect(tcp.answers).toBeGreaterThan(tcp.opened);
  expect(fresh.failed).toEqual([]);
}
