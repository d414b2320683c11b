// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseEnvironment } from '../../../../functions/shared/environment.ts';

const GIVEN = {
  HEDDLE_KIND: 'Firewall',
  HEDDLE_NAMESPACE: 'shop',
  HEDDLE_NAME: 'edge',
  HEDDLE_POD: 'edge-1',
  HEDDLE_PORT: '9471',
  HEDDLE_PEERS: 'heddle-firewall-edge-peers',
};

test('what the operator says of a function is its environment', () => {
  expect(parseEnvironment(GIVEN)).toEqual({
    kind: 'Firewall',
    namespace: 'shop',
    name: 'edge',
    pod: 'edge-1',
    port: 9471,
    selectedPods: 'heddle-firewall-edge-peers',
    logLevel: 'info',
  });
  expect(parseEnvironment({ ...GIVEN, HEDDLE_LOG_LEVEL: 'debug' }).logLevel).toBe('debug');
});

test.for([
  [{ HEDDLE_NAME: '' }, 'HEDDLE_NAME is missing'],
  [{ HEDDLE_PORT: '70000' }, 'HEDDLE_PORT is "70000"'],
  [{ HEDDLE_LOG_LEVEL: 'loud' }, 'HEDDLE_LOG_LEVEL is "loud"'],
] as const)('what is wrong with it is named: %o', ([wrong, message]) => {
  expect(() => parseEnvironment({ ...GIVEN, ...wrong })).toThrow(message);
});
