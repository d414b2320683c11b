// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { Balancer, type Plan } from '../../../../functions/loadbalancer/balancer.ts';
import type { CheckOutcome } from '../../../../functions/loadbalancer/health.ts';
import type { Ruleset } from '../../../../functions/shared/nft/ruleset.ts';
import { FakeClock } from '../../kube/base/fake-clock.ts';
import { backend } from './backend.ts';

function plan(change: Partial<Plan> = {}): Plan {
  return {
    picture: {
      addresses: { 4: '10.0.0.9' },
      listeners: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 5353 }],
      affinitySeconds: undefined,
      seed: 1,
      checks: undefined,
    },
    backends: [backend],
    outlives: false,
    drainMs: 3000,
    onUnhealthy: 'Reset',
    checks: undefined,
    ...change,
  };
}

/** A balancer whose kernel remembers the last ruleset. */
function make() {
  const clock = new FakeClock();
  const gone: string[] = [];
  let written: Ruleset | undefined;
  const balancer = new Balancer({
    table: {
      apply: async (ruleset) => {
        written = ruleset;
      },
    },
    clock,
    log: { info: () => undefined, error: () => undefined },
    onGone: (addresses) => gone.push(...addresses),
    onClosed: ({ address, protocol, port, targetPort }) =>
      gone.push(`${address} ${protocol} ${port} ${targetPort}`),
  });
  const keeps = (): boolean => written?.sets.get('alive-v4')?.elements?.has('10.0.0.1') ?? false;
  const alive = (family: 4 | 6): readonly string[] => [
    ...(written?.sets.get(`alive-v${family}`)?.elements?.keys() ?? []),
  ];
  const takes = (): boolean => balancer.standings[0]?.takes ?? false;
  return { clock, gone, balancer, keeps, takes, alive };
}

describe('a balancer', () => {
  const unready = { ...backend, draining: true, unready: true };

  test('ends the flows of a pod that is not ready for longer than its drain time', async () => {
    const { clock, balancer, keeps, takes, gone } = make();
    await balancer.follow(plan());
    await balancer.follow(plan({ backends: [unready] }));
    await clock.advance(2999);
    expect([takes(), keeps()]).toEqual([false, true]);
    await clock.advance(1);
    expect([takes(), keeps(), gone]).toEqual([false, false, ['10.0.0.1']]);
  });

  test('keeps them with onUnhealthy Keep, until the pod ends and has drained', async () => {
    const { clock, balancer, keeps, takes } = make();
    await balancer.follow(plan({ onUnhealthy: 'Keep' }));
    await balancer.follow(plan({ onUnhealthy: 'Keep', backends: [unready] }));
    await clock.advance(600_000);
    expect([takes(), keeps()]).toEqual([false, true]);
    await balancer.follow(plan({ onUnhealthy: 'Keep', backends: [{ ...unready, unready: false }] }));
    await clock.advance(2999);
    expect(keeps()).toBe(true);
    await clock.advance(1);
    expect(keeps()).toBe(false);
  });

  test('ends the flows of a listener, target port or address that an edit takes away, after the drain time', async () => {
    const { clock, balancer, gone } = make();
    const { picture } = plan();
    const [dns] = picture.listeners;
    const follow = (change: Partial<Plan['picture']>) =>
      balancer.follow(plan({ picture: { ...picture, ...change } }));
    await follow({ listeners: [dns!, { ...dns!, name: 'more', port: 54, targetPort: 5454 }] });
    await follow({ listeners: [{ ...dns!, name: 'renamed' }] });
    await clock.advance(2999);
    expect(gone).toEqual([]);
    await clock.advance(1);
    expect(gone.splice(0)).toEqual(['10.0.0.9 udp 54 5454']);
    await follow({ listeners: [{ ...dns!, targetPort: 53 }] });
    await clock.advance(2000);
    await follow({ listeners: [{ ...dns!, targetPort: 53 }], addresses: { 4: '10.0.0.8' } });
    await clock.advance(1000);
    expect(gone.splice(0)).toEqual(['10.0.0.9 udp 53 5353']);
    // One that comes back in time keeps its flows.
    await follow({ listeners: [{ ...dns!, targetPort: 53 }] });
    await clock.advance(2000);
    expect(gone).toEqual([]);
    // The drain time is that of the newest spec.
    await balancer.follow(plan({ picture: { ...picture, listeners: [] }, drainMs: 2000 }));
    await clock.advance(0);
    expect(gone.splice(0)).toEqual(['10.0.0.8 udp 53 53']);
    await clock.advance(2000);
    expect(gone).toEqual(['10.0.0.9 udp 53 53']);
  });

  test('keeps the flows of an IP version in which it has no address any more, for the drain time', async () => {
    const { clock, balancer, gone, alive } = make();
    const six = { ...backend, address: 'fd00::1', family: 6 as const };
    const { picture } = plan();
    const both = { ...picture, addresses: { 4: '10.0.0.9', 6: 'fd00::9' } };
    await balancer.follow(plan({ picture: both, backends: [backend, six] }));
    await balancer.follow(plan());
    await clock.advance(2999);
    expect([alive(6), gone]).toEqual([['fd00::1'], []]);
    await clock.advance(1);
    expect([alive(4), alive(6)]).toEqual([['10.0.0.1'], []]);
    expect(gone.sort()).toEqual(['fd00::1', 'fd00::9 udp 53 5353']);
    // It comes back as a backend like others.
    await balancer.follow(plan({ picture: both, backends: [backend, six] }));
    expect(alive(6)).toEqual(['fd00::1']);
    await balancer.follow(plan());
    await clock.advance(3000);
    await balancer.follow(plan());
    expect(alive(6)).toEqual([]);
  });

  test('says of a backend what its last check says, whether or not that changes anything', async () => {
    const { clock, balancer, keeps } = make();
    let outcome: CheckOutcome = { ok: true };
    const checks: Plan['checks'] = {
      intervalMs: 100,
      healthyAfter: 2,
      unhealthyAfter: 2,
      key: 'a',
      ask: async () => outcome,
    };
    await balancer.follow(plan({ checks }));
    const said = async (next: CheckOutcome) => {
      outcome = next;
      await clock.advance(100);
      const [standing] = balancer.standings;
      return `${standing?.reason} ${standing?.message} ${keeps()}`;
    };
    await clock.advance(0);
    expect(await said({ ok: true })).toBe('Healthy undefined true');
    expect(await said({ ok: false, message: 'answered 503' })).toBe(
      'Healthy 1 of 2 checks failed: answered 503 true',
    );
    expect(await said({ ok: false, message: 'answered 500' })).toBe('CheckFailed answered 500 false');
    expect(await said({ ok: false, message: 'refuses' })).toBe('CheckFailed refuses false');
    expect(await said({ ok: true })).toBe('CheckFailed answers again: 1 of 2 checks false');
    expect(await said({ ok: true })).toBe('Healthy undefined true');
    balancer.stop();
  });
});
