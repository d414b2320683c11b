// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FirewallSpec } from '../../../api/index.ts';
import { rateName } from '../../../functions/firewall/names.ts';
import { renderRuleset } from '../../../functions/firewall/render.ts';
import { TABLE } from '../../../functions/shared/nft/ruleset.ts';
import { needs } from '../../support/needs.ts';
import { type Bed, makeBed, markOf } from './bed.ts';
import { decodeFrame, encodeFrame } from './packets.ts';
import { missingForBed } from './shell.ts';

/** Most sources whose rates are counted at once: docs/firewall.md. */
const MOST = 65_536;
const PATH = 11;
const spec: FirewallSpec = {
  replicas: 1,
  drainSeconds: 30,
  stateful: false,
  defaultAction: 'Drop',
  rules: [{ name: 'each', action: 'Accept', rate: { perSecond: 1000, burst: 1000, per: 'Source' } }],
};

describe('a rate for each source', needs(missingForBed()), () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await makeBed();
    await bed.table.open();
    await bed.table.apply(renderRuleset(spec, new Map()));
  });
  afterAll(() => bed?.close());

  const passes = async (source: string): Promise<boolean> => {
    const packet = { context: { path: PATH }, source, destination: '10.0.0.2', protocol: 'UDP' } as const;
    const frame = encodeFrame({ ...packet, sourcePort: 4000, destinationPort: 53, icmpType: 0, id: 1 });
    return (await bed.exchange([frame])).map(decodeFrame).some(({ kind }) => kind === 'Forwarded');
  };

  test('counts 65,536 sources at once; further ones are beyond the rate, and those that are counted go on', async () => {
    expect(await passes('10.9.0.1')).toBe(true);
    const set = rateName('each', 4);
    const mark = markOf({ path: PATH }) & 0xffff;
    const others = Array.from(
      { length: MOST - 1 },
      (_, index) => `${mark} . 10.${128 + (index >> 16)}.${(index >> 8) & 255}.${index & 255} timeout 1h`,
    );
    // The one that passed may be forgotten by now: it is counted anew, for as long as the test may take.
    const renew = `delete element ${TABLE} ${set} { ${mark} . 10.9.0.1 }`;
    await bed.nft.transact(renew).catch(() => undefined);
    const all = [`${mark} . 10.9.0.1 timeout 1h`, ...others];
    await bed.nft.transact(`add element ${TABLE} ${set} { ${all.join(', ')} }`);
    expect(await passes('10.9.0.2')).toBe(false);
    expect(await passes('10.9.0.1')).toBe(true);
    await bed.nft.transact(`delete element ${TABLE} ${set} { ${others[0]!.replace(' timeout 1h', '')} }`);
    expect(await passes('10.9.0.2')).toBe(true);
  });
});
