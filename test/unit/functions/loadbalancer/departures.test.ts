// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Departures } from '../../../../functions/loadbalancer/departures.ts';
import { FakeClock } from '../../kube/base/fake-clock.ts';

test('what is removed ends a while after its removal, by the time that was set last; what comes back stays', async () => {
  const clock = new FakeClock();
  const gone: string[] = [];
  const departures = new Departures<string>({ clock, onGone: (thing) => gone.push(thing) });
  departures.leave('a', 'first');
  departures.leave('b', 'second');
  departures.endAfter(10_000);
  await clock.advance(4000);
  departures.leave('a', 'again');
  departures.leave('c', 'third');
  departures.stay('b');
  departures.endAfter(5000);
  await clock.advance(1000);
  expect(gone).toEqual(['first']);
  await clock.advance(3999);
  expect(gone).toEqual(['first']);
  await clock.advance(1);
  expect(gone).toEqual(['first', 'third']);
});

test('nothing ends after a stop', async () => {
  const clock = new FakeClock();
  const gone: string[] = [];
  const departures = new Departures<string>({ clock, onGone: (thing) => gone.push(thing) });
  departures.leave('a', 'first');
  departures.endAfter(1000);
  departures.stop();
  await clock.advance(2000);
  expect(gone).toEqual([]);
});
