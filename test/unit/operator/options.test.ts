// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../operator/compile/limits.ts';
import { parseOptions } from '../../../operator/options.ts';

const IMAGES = {
  HEDDLE_IMAGE_FIREWALL: 'fw:1',
  HEDDLE_IMAGE_LOADBALANCER: 'lb:1',
  HEDDLE_IMAGE_CUSTOM: 'cf:1',
  HEDDLE_IMAGE_VPN: 'vpn:1',
};
const parse = (args: string[], env: Record<string, string> = IMAGES) =>
  parseOptions({ args, env, hostname: 'host', pid: 7 });

describe('the operator', () => {
  test('starts with nothing but the images of functions', () => {
    expect(parse([])).toEqual({
      kind: 'Options',
      options: {
        namespace: 'heddle-system',
        leaseName: 'heddle-operator',
        httpPort: 8080,
        logLevel: 'info',
        kubeconfig: undefined,
        clusterRanges: [],
        limits: DEFAULT_LIMITS,
        identity: 'host-7',
        images: { Firewall: 'fw:1', LoadBalancer: 'lb:1', CustomFunction: 'cf:1', VPN: 'vpn:1' },
      },
    });
  });

  test('takes the image of its flag before that of the environment', () => {
    expect(parse(['--function-image-firewall', 'fw:2'])).toMatchObject({
      options: { images: { Firewall: 'fw:2', LoadBalancer: 'lb:1', CustomFunction: 'cf:1', VPN: 'vpn:1' } },
    });
  });

  test.each([
    ['an unknown flag', ['--namspace=x'], '--namspace'],
    ['a word that belongs to no flag', ['extra'], 'extra'],
    ['a flag without its value', ['--lease-name'], '--lease-name'],
    ['a port that is none', ['--http-port=99999'], '--http-port'],
    ['a level that is none', ['--log-level=loud'], '--log-level'],
  ])('refuses %s and names it', (_what, args, name) => {
    expect(parse(args)).toMatchObject({ kind: 'Wrong', message: expect.stringContaining(name) });
  });

  test('says that the image of a function is missing', () => {
    expect(parse([], {})).toMatchObject({
      kind: 'Wrong',
      message: expect.stringContaining('--function-image-firewall'),
    });
  });
});
