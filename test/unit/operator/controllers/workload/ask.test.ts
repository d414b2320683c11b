// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Pod } from '../../../../../kube/slim.ts';
import { askInstances, noAnswers } from '../../../../../operator/controllers/workload/ask.ts';
import { allow } from '../../../../../operator/report/allowance.ts';

function pod(uid: string, ...podIPs: readonly string[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'shop', name: uid, uid, labels: {}, annotations: {} },
    spec: { nodeName: 'one', hostNetwork: false },
    status: { phase: 'Running', podIPs, ready: true },
  } as unknown as Pod;
}

test('the last report of an instance is kept while it does not answer or has no address, and dropped when it is gone', async () => {
  const { signal } = new AbortController();
  const rest = { key: undefined, allowance: allow(0), spend: () => {}, signal };
  let silent: readonly string[] = [];
  const fetchReport = async ({ ip }: { readonly ip: string }): Promise<string> => {
    if (silent.includes(ip)) throw new Error('no answer');
    return `report of ${ip}`;
  };
  const pods = [pod('a', '10.0.0.1'), pod('b', '10.0.0.2'), pod('c')];
  const first = await askInstances({ pods, before: noAnswers<string>(), fetchReport, ...rest });
  expect(Object.fromEntries(first.said)).toEqual({ a: 'report of 10.0.0.1', b: 'report of 10.0.0.2' });
  expect(Object.fromEntries(first.missed)).toEqual({ a: 0, b: 0, c: 1 });

  silent = ['10.0.0.1'];
  const second = await askInstances({ pods: [pods[0]!], before: first, fetchReport, ...rest });
  expect(Object.fromEntries(second.said)).toEqual({ a: 'report of 10.0.0.1' });
  expect(Object.fromEntries(second.missed)).toEqual({ a: 1 });
  silent = [];
  const third = await askInstances({ pods: [pods[0]!], before: second, fetchReport, ...rest });
  expect(third.missed.get('a')).toBe(0);
});
