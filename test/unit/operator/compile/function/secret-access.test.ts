// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { CustomFunctionSpec } from '../../../../../api/index.ts';
import { customFunctionNeeds } from '../../../../../operator/compile/function/needs.ts';
import { judgeSecretAccess } from '../../../../../operator/compile/function/secret-access.ts';

const fn = { namespace: 'shop', name: 'tap' };

function judge(access: CustomFunctionSpec['secretAccess'], allowances: Record<string, string | undefined>) {
  const needs = customFunctionNeeds({
    replicas: 1,
    drainSeconds: 30,
    image: 'tap:1',
    interfaces: 'One',
    ...(access && { secretAccess: access }),
    env: [
      { name: 'PLAIN', value: 'x' },
      { name: 'KEY', secretKeyRef: { name: 'db', key: 'key' } },
    ],
    imagePullSecrets: [{ name: 'registry' }],
  });
  return judgeSecretAccess(fn, needs, new Map(Object.entries(allowances)));
}

describe('the Secrets of a custom function (security.md: tenant-reads-secrets)', () => {
  test('need no annotation where admission has asked what its writer may read', () => {
    expect(judge(undefined, {})).toBeUndefined();
    expect(judge('Writer', {})).toBeUndefined();
  });

  test('with secretAccess Allowed each allow this function, by its name among others', () => {
    const value = 'customfunction/other, customfunction/tap';
    expect(judge('Allowed', { db: value, registry: 'customfunction/tap' })).toBeUndefined();
  });

  test('that do not allow it are named with their field, whether they exist or not', () => {
    const message = judge('Allowed', { db: 'customfunction/tapper' });
    expect(message).toBe(
      'spec.env[1].secretKeyRef.name: there is no Secret shop/db that allows this function, ' +
        'spec.imagePullSecrets[0].name: there is no Secret shop/registry that allows this function; ' +
        'spec.secretAccess Allowed needs its annotation heddle.dev/allow: customfunction/tap',
    );
  });
});
