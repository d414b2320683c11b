// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { type WithConditions, waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';

const namespace = useNamespace('custom-conditions');

function customFunction(name: string, spec: object): object {
  return { apiVersion: 'heddle.dev/v1alpha1', kind: 'CustomFunction', metadata: { name }, spec };
}

async function messageOf(name: string, type: string, reason: string): Promise<string | undefined> {
  const object = await waitForCondition<WithConditions>({ kind: 'customfunction', name, namespace }, type, {
    status: 'False',
    reason,
  });
  return object.status?.conditions?.find((condition) => condition.type === type)?.message;
}

test('a ConfigMap that is not there is named with its field', async () => {
  const env = [
    { name: 'A', value: 'a' },
    { name: 'B', configMapKeyRef: { name: 'absent', key: 'b' } },
  ];
  await apply([customFunction('without-map', { image: 'localhost/heddle/base:dev', env })], namespace);
  const message = await messageOf('without-map', 'ResolvedRefs', 'ConfigMapNotFound');
  expect(message).toContain('spec.env[1].configMapKeyRef.name');
  expect(message).toContain(`no ConfigMap ${namespace}/absent`);
});

test('a container that does not start is named with the message of the kubelet', async () => {
  const env = [{ name: 'B', secretKeyRef: { name: 'absent', key: 'b' } }];
  const image = 'localhost/heddle/base:dev';
  const pod = { tolerations: [{ operator: 'Exists' }] };
  await apply([customFunction('without-secret', { image, env, pod })], namespace);
  await expect
    .poll(() => messageOf('without-secret', 'Ready', 'InstancesMissing'), { timeout: 60_000, interval: 500 })
    .toMatch(/container function: CreateContainerConfigError .*secret "absent" not found/);
});
