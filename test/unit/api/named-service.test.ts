// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { type AskingService, asksForNames, readNames } from '../../../api/named-service.ts';

const headless = { clusterIP: 'None', ports: [{ targetPort: 80 }] };
const valid = { 'heddle.dev/network': 'net', 'heddle.dev/pods': 'app=web' };

function read(annotations: AskingService['metadata']['annotations'], spec: AskingService['spec'] = headless) {
  return readNames({ metadata: { namespace: 'shop', annotations }, spec });
}

test('a Service names pods on a network of its own namespace, or of another one', () => {
  const selector = { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] };
  expect(read(valid)).toEqual({
    ok: true,
    value: { kind: 'Pods', network: { namespace: 'shop', name: 'net' }, selector },
  });
  expect(read({ ...valid, 'heddle.dev/network': 'tenants/blue' })).toMatchObject({
    value: { network: { namespace: 'tenants', name: 'blue' } },
  });
});

test('a Service names a load balancer', () => {
  expect(read({ 'heddle.dev/network': 'net', 'heddle.dev/load-balancer': 'web' })).toEqual({
    ok: true,
    value: { kind: 'LoadBalancer', network: { namespace: 'shop', name: 'net' }, name: 'web' },
  });
});

test('each of the annotations alone shows that a Service asks for names', () => {
  expect(asksForNames({ 'heddle.dev/pods': '' })).toBe(true);
  expect(asksForNames({ 'heddle.dev/load-balancer': 'web' })).toBe(true);
  expect(asksForNames({ 'heddle.dev/weight': '1' })).toBe(false);
  expect(asksForNames(undefined)).toBe(false);
});

describe('what is wrong is named by its annotation or field', () => {
  test.each<readonly [string, Record<string, string>, RegExp]>([
    ['no network', { 'heddle.dev/pods': 'app=web' }, /^annotation heddle.dev\/network: is missing/],
    ['an empty network', { ...valid, 'heddle.dev/network': '' }, /^annotation heddle.dev\/network: ""/],
    ['two networks', { ...valid, 'heddle.dev/network': 'a,b' }, /does not name one network/],
    ['an interface', { ...valid, 'heddle.dev/network': 'net@net1' }, /does not name one network/],
    ['JSON', { ...valid, 'heddle.dev/network': '[{"name":"net"}]' }, /does not name one network/],
    ['no name', { ...valid, 'heddle.dev/network': 'Net' }, /cannot name a VirtualNetwork/],
    ['neither', { 'heddle.dev/network': 'net' }, /^annotation heddle.dev\/pods: is missing/],
    [
      'both',
      { ...valid, 'heddle.dev/load-balancer': 'web' },
      /^annotation heddle.dev\/pods: is there beside/,
    ],
    [
      'a bad selector',
      { ...valid, 'heddle.dev/pods': 'app in' },
      /^annotation heddle.dev\/pods: "app in" is no/,
    ],
    ['an empty selector', { ...valid, 'heddle.dev/pods': '' }, /^annotation heddle.dev\/pods: is empty/],
    [
      'no load balancer',
      { 'heddle.dev/network': 'net', 'heddle.dev/load-balancer': 'other/web' },
      /^annotation heddle.dev\/load-balancer: "other\/web" cannot name/,
    ],
  ])('%s', (_what, annotations, message) => {
    const names = read(annotations);
    expect(names.ok).toBe(false);
    if (!names.ok) expect(names.complaint.message).toMatch(message);
    if (!names.ok) expect(names.complaint.reason).toBe('InvalidAnnotation');
  });

  test.each<readonly [AskingService['spec'], RegExp]>([
    [{ clusterIP: '10.96.0.7' }, /^spec\.clusterIP: "10\.96\.0\.7" is an address of the cluster/],
    [{}, /^spec\.clusterIP: is not None/],
    [{ type: 'ExternalName' }, /^spec\.type: ExternalName/],
    [{ clusterIP: 'None', selector: { app: 'web' } }, /^spec\.selector: /],
    [
      { clusterIP: 'None', ports: [{ targetPort: 80 }, { targetPort: 'http' }] },
      /^spec\.ports\[1\]\.targetPort: "http"/,
    ],
  ])('%j', (spec, message) => {
    const names = read(valid, spec);
    expect(names).toMatchObject({ ok: false, complaint: { reason: 'InvalidSpec' } });
    if (!names.ok) expect(names.complaint.message).toMatch(message);
  });
});
