// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { describeRefusal } from '../../../../../operator/status/workload/refused.ts';

const well = { pod: 'a', ready: true, report: undefined };

function describeIt(refusal: string | undefined): string | undefined {
  return describeRefusal({ refusal, instances: [well], desired: 2, plural: 'instances' });
}

test('pods that are admitted are no refusal', () => {
  expect(describeIt(undefined)).toBe(undefined);
});

test.each([
  [
    'violates PodSecurity "baseline:latest": non-default capabilities',
    'the label heddle.dev/pod-security holds all other pods',
  ],
  ['exceeded quota: small, requested: pods=1, used: pods=2, limited: pods=2', 'or raise the ResourceQuota;'],
  ['failed quota: small: must specify limits.cpu for: wait', 'Set spec.pod.resources, which reach every'],
  ['minimum cpu usage per Container is 100m, but request is 50m', 'that the LimitRange admits.'],
  ['admission webhook "x.y" denied the request: no', 'Change what refuses them;'],
  [
    'error looking up service account shop/mine: serviceaccount "mine" not found',
    'Change what refuses them;',
  ],
])('%s: in these words, with what works still and what to do', (words, advice) => {
  const message = describeIt(`pods "edge-1" is forbidden: ${words}`);
  expect(message).toContain(
    `1 of 2 instances are ready; the cluster refuses pods, or what they need: pods "edge-1" is`,
  );
  expect(message).toContain(`${words}. `);
  expect(message).toContain(advice);
});
