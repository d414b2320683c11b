// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { Waiting } from '../../../../../operator/compile/network/waiting.ts';

function waiting(...pods: readonly (readonly [string, ...string[]])[]): Waiting {
  const made = new Waiting();
  for (const [pod, ...networks] of pods) made.set(pod, networks);
  return made;
}

test('pods that wait for a network come in the order in which they began to wait', () => {
  const pods = waiting(['b', 'net'], ['a', 'net'], ['c', 'other']);
  expect(pods.for('net')).toEqual(['b', 'a']);
  expect(pods.for('net', 1)).toEqual(['b']);
  expect(pods.for('nobody')).toEqual([]);
  expect([...pods.pods()]).toEqual(['b', 'a', 'c']);
});

test('a pod that goes on waiting keeps its place, also when it waits for another network too', () => {
  const pods = waiting(['b', 'net'], ['a', 'net']);
  pods.set('b', ['net', 'other']);
  expect(pods.for('net')).toEqual(['b', 'a']);
  expect(pods.for('other')).toEqual(['b']);
});

test('a pod waits only for what it waits for now, and comes last when it waits anew', () => {
  const pods = waiting(['b', 'net', 'other'], ['a', 'net']);
  pods.set('b', ['other']);
  expect(pods.for('net')).toEqual(['a']);
  pods.set('b', []);
  expect(pods.for('other')).toEqual([]);
  expect([...pods.pods()]).toEqual(['a']);
  pods.set('b', ['net']);
  expect(pods.for('net')).toEqual(['a', 'b']);
});
