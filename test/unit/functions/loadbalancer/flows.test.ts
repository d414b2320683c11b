// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { createForget, flowsOf } from '../../../../functions/loadbalancer/flows.ts';
import { ToolError } from '../../../../functions/shared/tools.ts';

test('the flows of a frontend are those that began there, outside, and at its backends', () => {
  const filters = flowsOf({
    family: 6,
    address: 'fd20::9',
    protocol: 'udp',
    port: 53,
    targetPort: 5353,
  });
  expect(filters.map((each) => each.join(' '))).toEqual([
    '-f ipv6 -p udp --orig-dst fd20::9 --orig-port-dst 53 --reply-port-src 5353',
    '-f ipv6 -p udp --mark 0x1 --reply-dst fd20::9 --orig-port-dst 53 --reply-port-src 5353',
    '-f ipv6 -p udp --reply-dst fd20::9 --orig-port-src 5353 --reply-port-dst 53',
  ]);
});

test('flows are deleted one filter after another, and again when one was gone before it was deleted', async () => {
  const warnings: unknown[] = [];
  const log = { warn: (...said: unknown[]) => warnings.push(said) };
  const asked: string[] = [];
  let running = 0;
  const forget = createForget(async (_, args) => {
    expect(running).toBe(0);
    running += 1;
    await Promise.resolve();
    running -= 1;
    const which = args.slice(1).join(' ');
    asked.push(which);
    const seen = asked.filter((each) => each === which).length;
    if (which === 'raced' && seen < 3) throw new ToolError("such conntrack doesn't exist");
    if (which === 'none') throw new ToolError('conntrack: 0 flow entries have been deleted.');
    if (which === 'broken') throw new ToolError('Operation not permitted');
    return '';
  });
  await Promise.all(['raced', 'none', 'broken', 'fine'].map((which) => forget([which], log)));
  expect(asked).toEqual([...Array(3).fill('raced'), 'none', ...Array(5).fill('broken'), 'fine']);
  expect(warnings).toHaveLength(1);
});
