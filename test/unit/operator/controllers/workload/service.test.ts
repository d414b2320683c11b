// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../../../kube/api-error.ts';
import type { Writer } from '../../../../../kube/apply.ts';
import type { KubeObject } from '../../../../../kube/object.ts';
import { Ensurer } from '../../../../../operator/apply/ensure.ts';
import { compileVpnService } from '../../../../../operator/compile/vpn/service.ts';
import { ownerOf } from '../../../../../operator/compile/workload/types.ts';
import { applyService } from '../../../../../operator/controllers/workload/service.ts';
import { createStores } from '../../../../../operator/observe/observation.ts';
import { FakeClock } from '../../../kube/base/fake-clock.ts';
import { vpn } from '../../vpn-world.ts';

const owner = ownerOf(vpn());
const wanted = compileVpnService(vpn({ expose: { type: 'NodePort', externalTrafficPolicy: 'Local' } }));

async function apply(
  service: typeof wanted,
  world: { readonly stored?: KubeObject; readonly refuses?: ApiError } = {},
) {
  const stores = createStores();
  if (world.stored) stores.services.set(world.stored);
  const done: string[] = [];
  const writer = {
    apply: async (_: unknown, object: KubeObject) => {
      if (world.refuses) throw world.refuses;
      done.push(`apply ${object.metadata?.name}`);
      return object;
    },
    delete: async ({ name }: { readonly name: string }) => void done.push(`delete ${name}`),
  } as unknown as Writer;
  const ensurer = new Ensurer({ writer, clock: new FakeClock() });
  return { refusal: await applyService({ stores, writer, ensurer, owner, service }), done };
}

describe('the Service of a workload', () => {
  test('is made', async () => {
    expect(await apply(wanted)).toEqual({ refusal: undefined, done: ['apply heddle-vpn-branch'] });
  });

  test('that the API server refuses is told of; another failure is one', async () => {
    const refuses = new ApiError({ status: 422, reason: 'Invalid', message: 'port is taken' });
    expect(await apply(wanted, { refuses })).toEqual({ refusal: 'port is taken', done: [] });
    const quota = new ApiError({ status: 403, reason: 'Forbidden', message: 'exceeded quota' });
    expect((await apply(wanted, { refuses: quota })).refusal).toBe('exceeded quota');
    const away = new ApiError({ status: 503, reason: 'ServiceUnavailable', message: 'away' });
    await expect(apply(wanted, { refuses: away })).rejects.toThrow('away');
  });

  test('is removed when nobody asks for it, unless it is somebody else’s', async () => {
    const stored = { kind: 'Service', ...wanted };
    expect((await apply(undefined, { stored })).done).toEqual(['delete heddle-vpn-branch']);
    const foreign = { ...stored, metadata: { ...wanted!.metadata, ownerReferences: [] } };
    expect((await apply(undefined, { stored: foreign })).done).toEqual([]);
    expect((await apply(undefined)).done).toEqual([]);
  });
});
