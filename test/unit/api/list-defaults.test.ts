// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { customTemplateOf } from '../../../api/custom-template.ts';
import type { CustomFunctionSpec } from '../../../api/index.ts';
import { onFailureOf, portOf, rateOf } from '../../../api/list-defaults.ts';

test('a function of a chain drops its flows when it fails, unless it says otherwise', () => {
  expect(onFailureOf({ kind: 'Firewall', name: 'edge' })).toBe('Closed');
  expect(onFailureOf({ kind: 'Firewall', name: 'edge', onFailure: 'Open' })).toBe('Open');
});

test('a rate has a burst of 5 for all packets of the rule together, unless it says otherwise', () => {
  expect(rateOf({ perSecond: 10 })).toEqual({ perSecond: 10, burst: 5, per: 'Rule' });
  expect(rateOf({ perSecond: 10, burst: 1, per: 'Source' })).toEqual({
    perSecond: 10,
    burst: 1,
    per: 'Source',
  });
});

test('a port is of TCP, unless it says otherwise', () => {
  expect(portOf({ containerPort: 53 })).toEqual({ containerPort: 53, protocol: 'TCP' });
  expect(portOf({ containerPort: 53, protocol: 'UDP' })).toEqual({ containerPort: 53, protocol: 'UDP' });
});

test('pods do not restart when a default that the release before had stored is applied away', () => {
  const spec: CustomFunctionSpec = { replicas: 1, drainSeconds: 30, interfaces: 'One', image: 'one' };
  const stored = { ...spec, ports: [{ containerPort: 80, protocol: 'TCP' as const }] };
  expect(customTemplateOf({ ...spec, ports: [{ containerPort: 80 }] })).toBe(customTemplateOf(stored));
  expect(customTemplateOf(stored)).not.toBe(customTemplateOf(spec));
});
