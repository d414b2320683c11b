// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { checkExposure, externalAddressesOf } from '../../../../../operator/status/function/exposure.ts';
import type { ExposureFacts } from '../../../../../operator/status/function/facts.ts';

const http: ExposureFacts = {
  type: 'NodePort',
  refusal: undefined,
  ports: [{ protocol: 'TCP', port: 80, nodePort: 30080 }],
  ingress: [],
};

const reasons = (facts: ExposureFacts | undefined) =>
  checkExposure(facts).map(({ status, reason }) => `${status} ${reason}`);

describe('the condition Exposed', () => {
  test('is there only with spec.expose, and True where clients outside reach the listeners', () => {
    expect(reasons(undefined)).toEqual([]);
    expect(reasons(http)).toEqual(['True ServiceReady']);
    expect(externalAddressesOf(http)).toEqual(['NODE:30080/TCP']);
    const provided: ExposureFacts = { ...http, type: 'LoadBalancer', ingress: ['203.0.113.7', 'fd00::7'] };
    expect(reasons(provided)).toEqual(['True ServiceReady']);
    expect(externalAddressesOf(provided)).toEqual(['203.0.113.7:80/TCP', '[fd00::7]:80/TCP']);
  });

  test('says which of the Service, its port, its address and its chain is missing', () => {
    expect(reasons({ ...http, refusal: 'port is in use' })).toEqual(['False ServiceRefused']);
    expect(reasons({ ...http, ports: [] })).toEqual(['False ServicePending']);
    expect(reasons({ ...http, type: 'LoadBalancer' })).toEqual(['False NoExternalAddress']);
    const [shut] = checkExposure({ ...http, shutBy: 'guarded' });
    expect(shut).toMatchObject({ status: 'False', reason: 'OutsideRefused' });
    expect(shut!.message).toContain('ServiceChain guarded');
  });
});
