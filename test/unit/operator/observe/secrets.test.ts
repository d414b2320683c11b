// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test, vi } from 'vitest';
import { ApiError } from '../../../../kube/api-error.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import type { KubeObject } from '../../../../kube/object.ts';
import { Store } from '../../../../kube/store.ts';
import type { Transport } from '../../../../kube/transport.ts';
import type { Secret } from '../../../../kube/wire.ts';
import { isOfOperator, SecretLoader, slimSecret } from '../../../../operator/observe/secrets.ts';

const owner = { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPNPeer', name: 'ann', uid: 'u1' };

function metadataOf(name: string, version: string, ownerReferences: readonly object[] = [owner]): KubeObject {
  const labels = { 'app.kubernetes.io/name': 'heddle' };
  const metadata = { name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: version, labels };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, ownerReferences } } as KubeObject;
}

/** An API server with Secrets; counts reads. */
function serverOf(secrets: Map<string, Secret>) {
  const read = vi.fn(async (_method: string, path: string) => {
    const found = secrets.get(path.split('/').at(-1)!);
    if (!found) throw new ApiError({ status: 404, reason: 'NotFound', message: 'it is not there' });
    return found;
  });
  const store = new Store<Secret>({ name: 'secrets' });
  const log = createLogger({ name: 'test', level: 'silent' });
  const loader = new SecretLoader({ transport: { request: read } as unknown as Transport, store, log });
  return { loader, store, read };
}

describe('Secrets of the operator (security.md: function-writes-terminal)', () => {
  test('have the name that it gives to those of their owner', () => {
    expect(isOfOperator(metadataOf('heddle-vpnpeer-ann', '1'))).toBe(true);
    expect(isOfOperator(metadataOf('heddle-vpnpeer-bob', '1'))).toBe(false);
    expect(isOfOperator(metadataOf('heddle-vpnpeer-ann', '1', []))).toBe(false);
    expect(isOfOperator(metadataOf('heddle-vpn-g-key', '1', [{ ...owner, kind: 'VPN', name: 'g' }]))).toBe(
      true,
    );
    expect(isOfOperator(metadataOf('heddle-vpnpeer-ann', '1', [{ ...owner, apiVersion: 'other/v1' }]))).toBe(
      false,
    );
  });

  test('keep the entries that it reads, if they can be its own', () => {
    const data = { privateKey: 'a2V5', 'wg0.conf': 'eA==', publicKey: 'x'.repeat(700_000), dump: 'eA==' };
    const slim = slimSecret({ ...metadataOf('heddle-vpnpeer-ann', '1'), data } as Secret);
    expect(slim.data).toEqual({ privateKey: 'a2V5', 'wg0.conf': 'eA==' });
  });

  test('keep the mark of a file that changed, and no other annotation', () => {
    const own = metadataOf('heddle-vpnpeer-ann', '1');
    const withAnnotations = (annotations: Record<string, string>): Secret =>
      ({ ...own, metadata: { ...own.metadata, annotations } }) as Secret;
    const mark = { 'heddle.dev/file-changed': '2026-11-28T12:00:00Z Address 0123456789abcdef' };
    expect(slimSecret(withAnnotations({ ...mark, other: 'x' })).metadata?.annotations).toEqual(mark);
    const long = { 'heddle.dev/file-changed': 'x'.repeat(1000) };
    expect(slimSecret(withAnnotations(long)).metadata?.annotations).toBe(undefined);
  });

  test('are read when the watch shows a new version; what others labelled never is', async () => {
    const own = metadataOf('heddle-vpnpeer-ann', '1');
    const secrets = new Map([[own.metadata?.name ?? '', { ...own, data: { privateKey: 'a2V5' } } as Secret]]);
    const { loader, store, read } = serverOf(secrets);
    loader.replace([own, ...Array.from({ length: 12 }, (_, i) => metadataOf(`large-${i}`, '1', []))]);
    await loader.loaded();
    expect([...store.keys()]).toEqual(['shop/heddle-vpnpeer-ann']);
    loader.set(own);
    await loader.loaded();
    expect(read).toHaveBeenCalledTimes(1);

    const next = metadataOf('heddle-vpnpeer-ann', '2');
    secrets.set('heddle-vpnpeer-ann', { ...next, data: { privateKey: 'bmV3' } } as Secret);
    loader.set(next);
    await loader.loaded();
    expect(store.get('shop/heddle-vpnpeer-ann')?.data).toEqual({ privateKey: 'bmV3' });

    loader.delete('shop/heddle-vpnpeer-ann');
    expect(store.size).toBe(0);
  });

  test('that change while they are read are read again', async () => {
    const name = 'heddle-vpnpeer-ann';
    const at = (version: string) =>
      ({ ...metadataOf(name, version), data: { privateKey: version } }) as Secret;
    const secrets = new Map([[name, at('1')]]);
    const { loader, store } = serverOf(secrets);
    loader.set(metadataOf(name, '1'));
    // The read of version 1 is under way; its answer comes after the event of version 2.
    secrets.set(name, at('2'));
    loader.set(metadataOf(name, '2'));
    await loader.loaded();
    expect(store.get(`shop/${name}`)?.data).toEqual({ privateKey: '2' });
    // An event at the very moment when a read ends is not missed.
    loader.set(metadataOf(name, '3'));
    secrets.set(name, at('3'));
    for (let i = 0; i < 6; i += 1) {
      await undefined;
      secrets.set(name, at(`4${i}`));
      loader.set(metadataOf(name, `4${i}`));
    }
    await loader.loaded();
    expect(store.get(`shop/${name}`)?.data).toEqual({ privateKey: '45' });
  });

  test('that were deleted before they were read are not in the store', async () => {
    const { loader, store } = serverOf(new Map());
    loader.set(metadataOf('heddle-vpnpeer-ann', '1'));
    await loader.loaded();
    expect(store.size).toBe(0);
  });
});
