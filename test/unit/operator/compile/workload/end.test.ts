// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { compileEnd, type EndFacts } from '../../../../../operator/compile/workload/end.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');

/** A pod that was deleted so many seconds before now, with this grace period. */
function terminating(secondsAgo: number, grace: number): EndFacts['pod'] {
  const deletionTimestamp = new Date(NOW + (grace - secondsAgo) * 1000).toISOString();
  return { metadata: { deletionTimestamp, deletionGracePeriodSeconds: grace } };
}
const running: EndFacts['pod'] = { metadata: {} };

describe('the pod of a workload', () => {
  test('is left alone while its workload and its namespace are there', () => {
    expect(compileEnd({ pod: running, ends: false }, NOW)).toEqual({ kind: 'Nothing' });
    expect(compileEnd({ pod: terminating(600, 630), ends: false }, NOW)).toEqual({ kind: 'Nothing' });
    expect(compileEnd({ pod: terminating(60, 5), ends: false }, NOW)).toEqual({ kind: 'Nothing' });
  });

  test('gets five seconds when one of them goes, whoever deleted it before', () => {
    const wanted = { kind: 'Delete', graceSeconds: 5 };
    expect(compileEnd({ pod: running, ends: true }, NOW)).toEqual(wanted);
    expect(compileEnd({ pod: terminating(1, 630), ends: true }, NOW)).toEqual(wanted);
    expect(compileEnd({ pod: terminating(1, 6), ends: true }, NOW)).toEqual(wanted);
  });

  test('is removed ten seconds after these when its kubelet has not reported its end', () => {
    expect(compileEnd({ pod: terminating(1, 5), ends: true }, NOW)).toEqual({ kind: 'Wait', ms: 14_000 });
    expect(compileEnd({ pod: terminating(15, 5), ends: true }, NOW)).toEqual({
      kind: 'Delete',
      graceSeconds: 0,
    });
  });
});
