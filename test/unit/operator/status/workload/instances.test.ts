// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  countInstances,
  judgeError,
  judgeNone,
  missingInstances,
} from '../../../../../operator/status/workload/instances.ts';

const selector = 'heddle.dev/function=vpn.branch';
const report = { generation: 1, inputs: 'abc', error: null };

test('missing instances are counted, with the trouble of a container that does not start', () => {
  const well = { pod: 'a', ready: true, report };
  const ill = { pod: 'b', ready: false, report: undefined };
  const missing = (trouble?: string) =>
    missingInstances({ instances: [well, { ...ill, trouble }], desired: 2, selector, plural: 'gateways' });
  expect(missing()).toBe(`1 of 2 gateways are ready; see the pods with label ${selector}.`);
  expect(missing('vpn: ImagePullBackOff')).toBe('1 of 2 gateways are ready; pod b, vpn: ImagePullBackOff.');
  expect(missingInstances({ instances: [well], desired: 1, selector, plural: 'gateways' })).toBe(undefined);
  expect(countInstances([well, ill])).toEqual({ replicas: 2, readyReplicas: 1 });
});

test('an error names its pod and field; without a ready pod it is said where to look, or that there shall be none', () => {
  const failed = { pod: 'a', ready: false, report: { ...report, error: { field: 'spec', message: 'no' } } };
  expect(judgeError([failed])).toMatchObject({ reason: 'InstanceError', message: 'Pod a: spec: no' });
  const none = { instances: [failed], desired: 1, selector };
  expect(judgeNone(none)?.message).toBe(`No pod with label ${selector} is ready.`);
  expect(judgeNone({ ...none, desired: 0 })?.message).toBe('spec.replicas is 0.');
});
