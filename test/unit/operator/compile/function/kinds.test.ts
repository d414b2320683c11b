// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { FunctionObject } from '../../../../../api/index.ts';
import { allFunctionKinds, kindOf, shortNameOf } from '../../../../../operator/compile/function/kinds.ts';

const entryOf = (kind: string, spec: object) => kindOf({ kind, spec } as unknown as FunctionObject);
const judges = (kind: string, spec: object): boolean =>
  entryOf(kind, spec).judgesBeginnings(spec as FunctionObject['spec']);

describe('a kind of function', () => {
  test('is known by its short name', () => {
    expect(allFunctionKinds.map((kind) => shortNameOf({ kind, name: 'x' }))).toEqual([
      'fw/x',
      'lb/x',
      'cf/x',
    ]);
    expect(shortNameOf({ kind: 'Other', name: 'x' })).toBe('other/x');
  });

  test('only judges how flows begin if it is a firewall that is stateful', () => {
    expect(judges('Firewall', { stateful: true })).toBe(true);
    expect(judges('Firewall', { stateful: false })).toBe(false);
    expect(judges('LoadBalancer', { listeners: [] })).toBe(false);
    expect(judges('CustomFunction', {})).toBe(false);
  });

  test('says what nodes may translate in its place only if it is a load balancer', () => {
    const listeners = [
      { name: 'web', protocol: 'TCP', port: 80, targetPort: 8080 },
      { name: 'dns', protocol: 'UDP', port: 53 },
    ];
    const translated = (kind: string) =>
      entryOf(kind, {}).translates?.({ listeners } as unknown as FunctionObject['spec']);
    expect(translated('LoadBalancer')).toEqual([
      { protocol: 'TCP', port: 80, targetPort: 8080 },
      { protocol: 'UDP', port: 53, targetPort: 53 },
    ]);
    expect([translated('Firewall'), translated('CustomFunction')]).toEqual([undefined, undefined]);
  });

  test('works in a pod that is not ready unless its work is done by the image', () => {
    expect(allFunctionKinds.map((kind) => entryOf(kind, {}).worksUnready)).toEqual([true, true, false]);
  });
});
