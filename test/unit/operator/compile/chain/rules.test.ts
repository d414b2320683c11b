// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RULES_PER_SEGMENT } from '../../../../../agent/render/generated/layout.ts';
import { renderNetwork } from '../../../../../agent/render/network.ts';
import type { ChainEnd, ChainPort } from '../../../../../api/index.ts';
import { countRules, RULES_PER_ENTRY, rulesOf } from '../../../../../operator/compile/chain/rules.ts';
import type { End } from '../../../../../operator/compile/chain/types.ts';
import { addresses, any, chain, cidr, facts, pod, VNI } from '../../../agent/render/fixtures.ts';

interface Spec {
  readonly from: ChainEnd;
  readonly to: ChainEnd;
  readonly ports: readonly ChainPort[] | undefined;
}

const ports = Array.from({ length: 12 }, (_, i) => pod(i + 1));

/** What the agent of a node with all pods writes into its classifier. */
function rendered(specs: readonly Spec[]): number {
  const chains = specs.map(({ from, to, ports: list }, i) =>
    chain({ pathId: i + 1, from, to, priority: 1000 - i, ...(list ? { ports: list } : {}) }),
  );
  const { pairs } = renderNetwork({ vni: VNI, mtu: 1450, ports, chains, facts: facts(ports) });
  return pairs.reduce((sum, { segments }) => sum + segments.length, 0);
}

function counted(specs: readonly Spec[], most = 1_000_000): number {
  const whole = ({ any: all = false, cidrs = [], addresses: list = [] }: ChainEnd): End => ({
    any: all,
    cidrs,
    addresses: list,
  });
  const chains = specs.map((spec) => ({
    from: whole(spec.from),
    to: whole(spec.to),
    rules: rulesOf({ spec: { ports: spec.ports } as never }),
  }));
  return countRules(chains, most).entries;
}

const pods = fc
  .uniqueArray(fc.integer({ min: 1, max: 12 }), { maxLength: 6 })
  .map((list) => addresses(...list));
const somePorts = fc.option(
  fc.array(fc.constantFrom<ChainPort>({ protocol: 'ICMP' }, { protocol: 'TCP', port: 80 }), {
    minLength: 1,
    maxLength: 16,
  }),
  { nil: undefined },
);

describe('the entries that chains need in the classifier (security.md: tenant-fills-node)', () => {
  test('are counted as an agent with all pods makes them', () => {
    expect(RULES_PER_ENTRY).toBe(RULES_PER_SEGMENT);
    const specs = fc.array(fc.record({ from: pods, to: pods, ports: somePorts }), { maxLength: 8 });
    fc.assert(
      fc.property(specs, (list) => {
        expect(counted(list)).toBe(rendered(list));
      }),
    );
  });

  test('are never more than counted, with ranges too', () => {
    const range = fc.constantFrom(
      any,
      cidr('10.20.0.0/24', '10.20.0.8/29'),
      cidr('10.20.0.0/30'),
      cidr('10.0.0.0/8'),
    );
    const end = fc.oneof(pods, range);
    const specs = fc.array(fc.record({ from: end, to: end, ports: somePorts }), { maxLength: 8 });
    fc.assert(
      fc.property(specs, (list) => {
        expect(counted(list)).toBeGreaterThanOrEqual(rendered(list));
      }),
    );
  });

  test('grow with the square of the classes: counting stops above the limit', () => {
    const specs = Array.from({ length: 12 }, (_, i) => ({
      from: addresses(i + 1),
      to: any,
      ports: undefined,
    }));
    expect(counted(specs)).toBeGreaterThan(100);
    const stopped = counted(specs, 20);
    expect(stopped).toBeGreaterThan(20);
    expect(stopped).toBeLessThan(60);
  });

  test('are at least the ranges that chains name', () => {
    const ranges = Array.from({ length: 32 }, (_, i) => ({ cidr: `10.${i}.0.0/16` }));
    const spec = { from: { any: false, cidrs: ranges }, to: addresses(), ports: undefined };
    expect(counted([spec])).toBe(32);
  });
});
