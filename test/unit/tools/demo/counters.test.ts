// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { pathEvents } from '../../../../agent/render/generated/layout.ts';
import { parseSent } from '../../../../tools/demo/counters.ts';

test('packets to other nodes are those of programs and of the VXLAN device, on all CPUs', () => {
  const entry = (name: (typeof pathEvents)[number], ...counts: readonly number[]) => ({
    formatted: {
      key: pathEvents.indexOf(name),
      values: counts.map((value, cpu) => ({ cpu, value })),
    },
  });
  const dump = [entry('flow_added', 99, 99), entry('encapsulated', 3, 4), entry('by_device', 0, 5)];
  expect(parseSent(JSON.stringify(dump))).toBe(12);
});
