// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { ONE_INTERFACE } from '../../../../functions/custom/ruleset.ts';
import { HAS_CONTEXT, IS_CHAINS } from '../../../../functions/shared/nft/context.ts';
import { formatReplacement } from '../../../../functions/shared/nft/ruleset.ts';

test('an instance with one interface forwards packets of chains and drops all others', () => {
  const forward = ONE_INTERFACE.chains.get('forward');
  expect(forward?.hook).toBe('type filter hook forward priority filter; policy drop;');
  expect(forward?.rules).toEqual([`${HAS_CONTEXT} accept`]);
  expect(HAS_CONTEXT).toBe('meta mark & 0x80000000 != 0');
});

test('its counters see packets of chains alone, before and after every table that the image makes', () => {
  const [enter, leave] = (['enter', 'leave'] as const).map((name) => ONE_INTERFACE.chains.get(name));
  expect(enter).toEqual({
    hook: 'type filter hook prerouting priority -445; policy accept;',
    rules: [`iifname "chain0" ${IS_CHAINS} counter name "in"`],
  });
  expect(leave).toEqual({
    hook: 'type filter hook postrouting priority 445; policy accept;',
    rules: [`oifname "chain0" ${IS_CHAINS} counter name "out"`],
  });
  const text = formatReplacement(ONE_INTERFACE, 'heddle');
  for (const counter of ['in', 'out']) expect(text).toContain(`counter ${counter}`);
});
