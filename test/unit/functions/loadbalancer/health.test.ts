// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { Backend } from '../../../../functions/loadbalancer/backends.ts';
import { type CheckPlan, HealthChecks } from '../../../../functions/loadbalancer/checks.ts';
import { type CheckOutcome, type Health, judge } from '../../../../functions/loadbalancer/health.ts';
import { judgeStatus } from '../../../../functions/loadbalancer/probe.ts';
import { type Circumstances, judgeStanding } from '../../../../functions/loadbalancer/standing.ts';
import { FakeClock } from '../../kube/base/fake-clock.ts';
import { backend } from './backend.ts';

const thresholds = { healthyAfter: 2, unhealthyAfter: 3 };
const good: CheckOutcome = { ok: true };
const bad: CheckOutcome = { ok: false, message: 'no answer' };

function judged(...outcomes: readonly CheckOutcome[]): Health {
  return outcomes.reduce<Health | undefined>(
    (health, outcome, i) => judge(health, outcome, { thresholds, now: i }),
    undefined,
  )!;
}

describe('a backend', () => {
  test('is healthy by its first success, and unhealthy by no single failure', () => {
    expect(judged(good)).toMatchObject({ healthy: true, since: 0 });
    expect(judged(bad)).toMatchObject({ healthy: undefined });
    expect(judged(bad, bad)).toMatchObject({ healthy: undefined });
    expect(judged(bad, bad, bad)).toMatchObject({ healthy: false, since: 2 });
    expect(judged(bad, bad, good)).toMatchObject({ healthy: true });
  });

  test('has the message of its last check', () => {
    const other: CheckOutcome = { ok: false, message: 'answered 503' };
    const messages = (...outcomes: readonly CheckOutcome[]) =>
      outcomes.map((_, i) => judged(...outcomes.slice(0, i + 1)).message);
    expect(messages(bad, other, other, bad, other, good, bad, good, good)).toEqual([
      '1 of 3 checks failed: no answer',
      '2 of 3 checks failed: answered 503',
      'answered 503',
      'no answer',
      'answered 503',
      'answers again: 1 of 2 checks',
      'no answer',
      'answers again: 1 of 2 checks',
      undefined,
    ]);
    expect(messages(good, bad, good)).toEqual([undefined, '1 of 3 checks failed: no answer', undefined]);
  });

  test('is unhealthy after so many failures in a row, and not before', () => {
    expect(judged(bad, bad)).toMatchObject({ healthy: undefined, since: 0 });
    expect(judged(bad, good, bad, bad)).toMatchObject({ healthy: true, since: 1 });
    expect(judged(good, bad, bad, good, bad, bad)).toMatchObject({ healthy: true });
    expect(judged(good, bad, bad, bad)).toMatchObject({ healthy: false, since: 3 });
  });

  test('is healthy again after so many successes in a row', () => {
    const ill = [bad, bad, bad];
    expect(judged(...ill, good)).toMatchObject({ healthy: false });
    expect(judged(...ill, good, bad, good)).toMatchObject({ healthy: false });
    expect(judged(...ill, good, good)).toMatchObject({ healthy: true, since: 4 });
  });
});

describe('what a backend is good for', () => {
  const well: Health = { healthy: true, against: 0, since: 0, message: undefined };
  const ill: Health = { ...well, healthy: false, message: 'no answer' };
  const say = (
    change: Partial<Backend>,
    health: Health | undefined,
    circumstances: Partial<Circumstances> = {},
  ): string => {
    const { takes, keeps, reason } = judgeStanding(
      { ...backend, ...change },
      { checked: true, health, expired: false, onUnhealthy: 'Reset', ...circumstances },
    );
    return `${reason} ${takes ? 'takes' : '-'} ${keeps ? 'keeps' : '-'}`;
  };

  test('follows from its checks, whether it drains, and its weight', () => {
    expect(say({}, well)).toBe('Healthy takes keeps');
    expect(say({}, undefined)).toBe('Starting - keeps');
    expect(say({}, ill)).toBe('CheckFailed - -');
    expect(say({ draining: true }, well)).toBe('Draining - keeps');
    expect(say({ draining: true }, ill)).toBe('CheckFailed - -');
    expect(say({ draining: true }, well, { expired: true })).toBe('Draining - -');
    expect(say({ weight: 0 }, well)).toBe('NoWeight - keeps');
    expect(say({}, undefined, { checked: false })).toBe('NotChecked takes keeps');
  });

  test('after failed checks may still include its established flows', () => {
    expect(say({}, ill, { onUnhealthy: 'Keep' })).toBe('CheckFailed - keeps');
    expect(say({ draining: true }, ill, { onUnhealthy: 'Keep', expired: true })).toBe('CheckFailed - -');
  });

  test('is nothing but established flows when no Port has its address, unless it answers', () => {
    expect(say({ unknown: true }, undefined, { checked: false })).toBe('UnknownAddress - keeps');
    expect(say({ unknown: true }, undefined, { hopeful: true })).toBe('UnknownAddress - keeps');
    expect(say({ unknown: true }, ill)).toBe('UnknownAddress - -');
    expect(say({ unknown: true }, well)).toBe('Healthy takes keeps');
  });
});

describe('an answer', () => {
  const expected = { first: 200, last: 399 };
  test.each([
    ['HTTP/1.1 200 OK\r\n', true],
    ['HTTP/1.0 302 Found\r\n', true],
    ['HTTP/1.1 204\r\n', true],
    ['HTTP/1.1 503 Service Unavailable\r\n', false],
    ['HTTP/1.1 2000 x\r\n', false],
    ['SSH-2.0-OpenSSH\r\n', false],
  ])('that begins with %j is judged by its status', (head, ok) => {
    expect(judgeStatus(head, expected).ok).toBe(ok);
  });
});

describe('checks', () => {
  const plan = (ask: CheckPlan['ask'], key = 'a'): CheckPlan => ({
    ...thresholds,
    intervalMs: 100,
    key,
    ask,
  });

  test('ask each backend once per interval, and report only changes', async () => {
    const clock = new FakeClock();
    let changes = 0;
    let outcome: CheckOutcome = good;
    const asked: string[] = [];
    const checks = new HealthChecks({ clock, onChange: () => (changes += 1) });
    const ask = async (address: string): Promise<CheckOutcome> => {
      asked.push(address);
      return outcome;
    };
    checks.follow(plan(ask), ['10.0.0.1', '10.0.0.2']);
    await clock.advance(0);
    expect([asked, changes]).toEqual([['10.0.0.1', '10.0.0.2'], 2]);
    outcome = bad;
    for (let i = 0; i < 3; i += 1) await clock.advance(100);
    expect(changes).toBe(4);
    expect(checks.healthOf('10.0.0.1')).toMatchObject({ healthy: false });
    checks.follow(plan(ask), ['10.0.0.2']);
    asked.length = 0;
    await clock.advance(100);
    expect(asked).toEqual(['10.0.0.2']);
    checks.stop();
  });

  test('that are changed keep the known health until enough results of the new check differ', async () => {
    const clock = new FakeClock();
    const checks = new HealthChecks({ clock, onChange: () => undefined });
    checks.follow(
      plan(async () => good),
      ['10.0.0.1'],
    );
    await clock.advance(0);
    checks.follow(
      plan(async () => bad, 'b'),
      ['10.0.0.1'],
    );
    await clock.advance(100);
    expect(checks.healthOf('10.0.0.1')).toMatchObject({ healthy: true });
    await clock.advance(100);
    expect(checks.healthOf('10.0.0.1')).toMatchObject({ healthy: false });
    checks.stop();
  });

  test('do not count missing answers until one backend has answered, and treat all as hopeful until then', async () => {
    const silent: CheckOutcome = { ok: false, message: 'no answer', silent: true };
    const addresses = ['10.0.0.1', '10.0.0.2'] as const;
    const outcomes = new Map<string, CheckOutcome>(addresses.map((address) => [address, silent]));
    const clock = new FakeClock();
    const checks = new HealthChecks({ clock, onChange: () => undefined });
    const now = () =>
      addresses.map((each) => [checks.healthOf(each)?.healthy, checks.isHopeful(each)] as const);
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 100) await clock.advance(100);
    };
    checks.follow(
      plan(async (address) => outcomes.get(address)!),
      addresses,
    );
    await pass(1000);
    expect(now()).toEqual([
      [undefined, true],
      [undefined, true],
    ]);
    outcomes.set('10.0.0.2', { ok: false, message: 'refuses' });
    await pass(200);
    // The first answer has come, and nothing good is known of either.
    expect(now()).toEqual([
      [undefined, false],
      [undefined, false],
    ]);
    await pass(200);
    expect(now()).toEqual([
      [false, false],
      [false, false],
    ]);
    checks.follow(
      plan(async () => silent),
      [...addresses, '10.0.0.3'],
    );
    // One that comes later is not tried before it has answered.
    expect(checks.isHopeful('10.0.0.3')).toBe(false);
    checks.stop();
  });

  test('count missing answers after some time, even if no backend ever answered', async () => {
    const clock = new FakeClock();
    const checks = new HealthChecks({ clock, onChange: () => undefined });
    checks.follow(
      plan(async () => ({ ok: false, message: 'no answer', silent: true })),
      ['10.0.0.1'],
    );
    for (let i = 0; i < 154; i += 1) await clock.advance(100);
    expect(checks.healthOf('10.0.0.1')).toMatchObject({ healthy: false });
    checks.stop();
  });
});
