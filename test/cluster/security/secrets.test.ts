// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { findCondition, type WithConditions } from '../../../tools/cluster/conditions.ts';
import { apply, get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { type Account, makeTenant, refusalOf } from './account.ts';

const namespace = useNamespace('secrets');
const within = { namespace };
const nowhere = { nodeSelector: { 'heddle.dev/test': 'nowhere' } };
let tenant: Account;
let writer: Account;

function custom(name: string, secrets: readonly string[], more: object = {}): object {
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'CustomFunction',
    metadata: { name },
    spec: {
      image: 'none.invalid/never-pulled',
      env: secrets.map((secret, i) => ({ name: `S${i}`, secretKeyRef: { name: secret, key: 'key' } })),
      pod: nowhere,
      ...more,
    },
  };
}

beforeAll(async () => {
  for (const name of ['own', 'foreign']) {
    await kubectl(['create', 'secret', 'generic', name, '--from-literal=key=x'], within);
  }
  tenant = await makeTenant('tenant', namespace, ['edit']);
  writer = await makeTenant('writer', namespace, ['heddle-view', 'heddle-edit-customfunctions']);
  const readsOwn = ['create', 'role', 'reads-own', '--verb=get', '--resource=secrets', '--resource-name=own'];
  await kubectl(readsOwn, within);
  const to = ['--role=reads-own', `--serviceaccount=${namespace}:writer`];
  await kubectl(['create', 'rolebinding', 'reads-own', ...to], within);
});

describe('a CustomFunction (security.md: tenant-reads-secrets)', () => {
  test('is not for those who may edit the namespace', async () => {
    expect(refusalOf(await tenant.create(custom('mine', ['own']), within))).toContain(
      'cannot create resource',
    );
  });

  test('gets the Secrets that its writer may read, and no other', async () => {
    expect(refusalOf(await writer.create(custom('fair', ['own', 'own']), within))).toBe('not refused');
    const refusal = /writer may not get the Secret foreign, so this CustomFunction may not have it/;
    expect(refusalOf(await writer.create(custom('greedy', ['own', 'foreign']), within))).toMatch(refusal);
    const pulled = custom('greedy', ['own'], { imagePullSecrets: [{ name: 'foreign' }] });
    expect(refusalOf(await writer.create(pulled, within))).toMatch(refusal);
    const env = [{ name: 'S', secretKeyRef: { name: 'foreign', key: 'key' } }];
    const edit = ['patch', 'customfunction', 'fair', '--type=merge', '-p', JSON.stringify({ spec: { env } })];
    expect(refusalOf(await writer.try(edit, within))).toMatch(refusal);
  });

  test('does not take over what another may read with another image', async () => {
    await apply([custom('trusted', ['foreign'])], namespace);
    const edit = ['patch', 'customfunction', 'trusted', '--type=merge', '-p', '{"spec":{"image":"evil"}}'];
    expect(refusalOf(await writer.try(edit, within))).toContain('may not get the Secret foreign');
    const scaled = await writer.try(['scale', 'customfunction/trusted', '--replicas=2'], within);
    expect(refusalOf(scaled)).toBe('not refused');
  });

  test('with secretAccess Allowed is made when its Secrets name it', async () => {
    const asked = custom('asked', ['foreign'], { secretAccess: 'Allowed' });
    expect(refusalOf(await writer.create(asked, within))).toBe('not refused');
    const message = await eventually('it says that a Secret does not allow it', async () => {
      const object = await get<WithConditions>('customfunction', 'asked', namespace);
      const programmed = findCondition(object, 'Programmed');
      return programmed?.reason === 'PodsRefused' && programmed.message;
    });
    expect(message).toContain(
      `spec.env[0].secretKeyRef.name: there is no Secret ${namespace}/foreign that allows this function`,
    );
    const made = async () =>
      (await list('deployments', within)).some(
        ({ metadata }) => metadata.name === 'heddle-customfunction-asked',
      );
    expect(await made()).toBe(false);
    await kubectl(['annotate', 'secret', 'foreign', 'heddle.dev/allow=customfunction/asked'], within);
    await eventually('its Deployment', made);
  });

  test('that a Secret allows no longer says so, and its Deployment stays as it is', async () => {
    const deployment = () => get('deployment', 'heddle-customfunction-asked', namespace);
    const before = await deployment();
    const asked = () => get<WithConditions>('customfunction', 'asked', namespace);
    await kubectl(['annotate', 'secret', 'foreign', 'heddle.dev/allow-'], within);
    await eventually('it says that the Secret refuses it', async () => {
      const programmed = findCondition(await asked(), 'Programmed');
      const { message = '' } = programmed ?? {};
      return (
        programmed?.reason === 'PodsRefused' && message.includes(`there is no Secret ${namespace}/foreign`)
      );
    });
    const edit = custom('asked', ['foreign'], { secretAccess: 'Allowed', image: 'none.invalid/other' });
    await apply([edit], namespace);
    await eventually('the edit is seen and refused', async () => {
      const object = await asked();
      const programmed = findCondition(object, 'Programmed');
      return (
        programmed?.reason === 'PodsRefused' && programmed.observedGeneration === object.metadata.generation
      );
    });
    expect((await deployment()).metadata.generation).toBe(before.metadata.generation);
    expect((await deployment()).metadata.uid).toBe(before.metadata.uid);
  });
});
