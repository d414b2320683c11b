// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Picture } from '../../../../functions/loadbalancer/picture.ts';
import { renderRuleset } from '../../../../functions/loadbalancer/render.ts';
import { formatRuleset, type Ruleset } from '../../../../functions/shared/nft/ruleset.ts';
import { diffRulesets } from '../../../../functions/shared/nft/transaction.ts';

const web: Picture = {
  addresses: { 4: '10.20.0.9', 6: 'fd20::9' },
  listeners: [
    { name: 'http', protocol: 'tcp', port: 80, targetPort: 8080 },
    { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
  ],
  affinitySeconds: undefined,
  backends: [
    { address: '10.20.0.5', family: 4, weight: 100, takes: true, keeps: true },
    { address: '10.20.0.6', family: 4, weight: 50, takes: false, keeps: false },
    { address: '10.20.0.7', family: 4, weight: 0, takes: false, keeps: true },
    { address: 'fd20::5', family: 6, weight: 100, takes: true, keeps: true },
  ],
  seed: 0xfffffffe,
  checks: { mark: 0xa000000c, ports: { first: 32832, last: 32895 } },
};

/** A page is for people: of the tables of slots only their beginning and their size. */
function readable(ruleset: Ruleset): Ruleset {
  const sets = [...ruleset.sets].map(([name, set]) => {
    if (!set.elements || set.elements.size < 100) return [name, set] as const;
    const first = [...set.elements].slice(0, 4);
    const rest = [`# and ${set.elements.size - first.length} more`, ''] as const;
    return [name, { ...set, elements: new Map([...first, rest]) }] as const;
  });
  return { ...ruleset, sets: new Map(sets) };
}

describe('the ruleset of a load balancer', () => {
  test('of two listeners: who is healthy, who is not, who drains', async () => {
    await expect(formatRuleset(readable(renderRuleset(web)))).toMatchFileSnapshot('golden/web.nft');
  });

  test('with clients outside: some directly, some through functions before it, some not at all', async () => {
    const addresses = Object.values(web.addresses) as string[];
    const exposed: Picture = {
      ...web,
      outside: {
        entries: [
          { addresses, from: ['10.20.0.0/16', 'fd20::/64'] },
          {
            addresses,
            ports: [{ protocol: 'TCP' }],
            enter: { pathId: 14, position: 0, balanced: 2 },
          },
          { addresses, enter: { pathId: 12, position: 0, balanced: 0 } },
        ],
        ports: { first: 1024, last: 4991 },
        mtu: 1450,
      },
    };
    const { chains } = renderRuleset(exposed);
    const others = renderRuleset(web).chains;
    const own = [...chains].filter(([name, { rules }]) => rules.join() !== others.get(name)?.rules.join());
    const table = { counters: [], sets: new Map(), chains: new Map(own) };
    await expect(formatRuleset(table)).toMatchFileSnapshot('golden/outside.nft');
  });

  test('with affinity remembers clients, and hashes their address alone', async () => {
    const sticky = { ...web, affinitySeconds: 600, addresses: { 4: '10.20.0.9' }, checks: undefined };
    await expect(formatRuleset(readable(renderRuleset(sticky)))).toMatchFileSnapshot('golden/affinity.nft');
  });

  test('drops a reply that tells no listener, until the client has sent a packet', () => {
    const listeners = [
      ...web.listeners,
      { name: 'more', protocol: 'tcp', port: 8080, targetPort: 8080 } as const,
    ];
    const { sets } = renderRuleset({ ...web, listeners });
    expect([...sets.get('answers-v4')!.elements!]).toEqual([
      ['tcp . 8080', 'drop'],
      ['udp . 53', 'goto answer-dns-v4'],
    ]);
    expect([...sets.get('stray-answers-v4')!.elements!]).toEqual([['8080', 'drop']]);
    expect(sets.get('listeners-v4')!.elements!.size).toBe(3);
  });

  test('changes by a few elements when a backend falls ill, and no slot of another moves', () => {
    const ill = web.backends.map((each) =>
      each.address === '10.20.0.5' ? { ...each, takes: false, keeps: false } : each,
    );
    const many = (backends: Picture['backends']): Ruleset =>
      renderRuleset({
        ...web,
        backends: [...backends, ...[8, 9, 10].map((i) => ({ ...web.backends[0]!, address: `10.20.0.${i}` }))],
      });
    const commands = diffRulesets(many(web.backends), many(ill));
    expect(commands).not.toContain('slots-v4');
    expect(commands).toContain('delete element inet heddle alive-v4 { 10.20.0.5 }');
    expect(commands).toContain('delete element inet heddle taking-v4 { a14:5 }');
    expect(commands.split('\n').filter((line) => line.includes('chain') || line.includes('rule'))).toEqual(
      [],
    );
  });
});
