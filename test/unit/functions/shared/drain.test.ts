// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, test } from 'vitest';
import { type DrainEnd, drain } from '../../../../functions/shared/drain.ts';
import { FakeClock } from '../../kube/base/fake-clock.ts';

describe('an instance that is to go', () => {
  let clock: FakeClock;
  let seconds: number | undefined;
  let flows: () => Promise<boolean>;
  let hurry: AbortController;
  let warnings: number;
  let end: DrainEnd | undefined;

  beforeEach(() => {
    clock = new FakeClock();
    seconds = 30;
    flows = async () => true;
    hurry = new AbortController();
    warnings = 0;
    end = undefined;
  });

  function start(): void {
    const log = {
      warn: () => {
        warnings += 1;
      },
    };
    const options = {
      clock,
      log,
      drainSeconds: () => seconds,
      hasLiveFlows: () => flows(),
      signal: hurry.signal,
    };
    void drain(options).then((reason) => {
      end = reason;
    });
  }

  test('goes when its last flow has ended', async () => {
    start();
    await clock.advance(10_000);
    expect(end).toBeUndefined();
    flows = async () => false;
    await clock.advance(250);
    expect(end).toBe('Empty');
  });

  test('stays three seconds without any flow: nodes may just be sending it one', async () => {
    flows = async () => false;
    start();
    await clock.advance(2900);
    expect(end).toBeUndefined();
    await clock.advance(300);
    expect(end).toBe('Empty');
  });

  test('goes when drainSeconds are over, whatever flows it has', async () => {
    start();
    await clock.advance(29_900);
    expect(end).toBeUndefined();
    await clock.advance(100);
    expect(end).toBe('Deadline');
  });

  test('follows an edit of drainSeconds, both ways', async () => {
    start();
    await clock.advance(20_000);
    seconds = 60;
    await clock.advance(20_000);
    expect(end).toBeUndefined();
    seconds = 10;
    await clock.advance(250);
    expect(end).toBe('Deadline');
  });

  test('goes at once with drainSeconds 0', async () => {
    seconds = 0;
    start();
    await clock.advance(0);
    expect(end).toBe('Deadline');
  });

  test('goes at once when its function is deleted, before or meanwhile', async () => {
    seconds = undefined;
    start();
    await clock.advance(0);
    expect(end).toBe('Deleted');
    seconds = 30;
    start();
    await clock.advance(5000);
    seconds = undefined;
    await clock.advance(250);
    expect(end).toBe('Deleted');
  });

  test('goes at once when it is told a second time', async () => {
    start();
    await clock.advance(1000);
    hurry.abort();
    await clock.advance(0);
    expect(end).toBe('Told');
  });

  test('stays to the end when flows cannot be counted, and says so once', async () => {
    flows = () => Promise.reject(new Error('conntrack is not there'));
    start();
    await clock.advance(29_000);
    expect(end).toBeUndefined();
    expect(warnings).toBe(1);
    await clock.advance(1000);
    expect(end).toBe('Deadline');
  });
});
