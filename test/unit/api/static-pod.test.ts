// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Port } from '../../../api/index.ts';
import { isPortOf, runtimeUidOf, staticUidOf } from '../../../api/static-pod.ts';

function port(annotations?: Record<string, string>): Port {
  return {
    metadata: { namespace: 'shop', name: 'web-net1', ...(annotations && { annotations }) },
    spec: { pod: { name: 'web', uid: 'of-the-api' } },
  } as unknown as Port;
}

const web = { namespace: 'shop', name: 'web' };

test('a mirror names the uid of its static pod, and another pod names none', () => {
  expect(staticUidOf({ annotations: { 'kubernetes.io/config.mirror': 'abc' } })).toBe('abc');
  expect(staticUidOf({ annotations: { 'kubernetes.io/config.hash': 'abc' } })).toBeUndefined();
  expect(staticUidOf({ annotations: { 'kubernetes.io/config.mirror': '' } })).toBeUndefined();
});

test('the Port of an ordinary pod is found by the uid of the API', () => {
  expect(runtimeUidOf(port())).toBe('of-the-api');
  expect(isPortOf(port(), { ...web, uid: 'of-the-api' })).toBe(true);
  expect(isPortOf(port(), { ...web, uid: 'another' })).toBe(false);
});

test('the Port of a static pod is found by the uid of the kubelet, and not under another name', () => {
  const mirrored = port({ 'heddle.dev/static-uid': 'of-the-kubelet' });
  expect(runtimeUidOf(mirrored)).toBe('of-the-kubelet');
  expect(isPortOf(mirrored, { ...web, uid: 'of-the-kubelet' })).toBe(true);
  expect(isPortOf(mirrored, { ...web, uid: 'of-the-api' })).toBe(false);
  expect(isPortOf(mirrored, { namespace: 'victim', name: 'web', uid: 'of-the-kubelet' })).toBe(false);
  expect(isPortOf(mirrored, { namespace: 'shop', name: 'db', uid: 'of-the-kubelet' })).toBe(false);
});
