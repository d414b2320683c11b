// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseOptions } from '../../../agent/options.ts';
import { UsageError } from '../../../kube/base/flags.ts';

test('what is not said has a default, and the pod says the rest by its environment', () => {
  const options = parseOptions([], { NODE_NAME: 'one', NODE_IP: '10.0.0.1' });
  expect(options).toMatchObject({
    node: 'one',
    nodeIp: '10.0.0.1',
    namespace: 'heddle-system',
    vxlanPort: 14789,
    underlayDevices: [],
    httpPort: 9470,
    nriSocket: '/var/run/nri/nri.sock',
    probeIntervalMs: 50,
    probeMisses: 4,
    flows: 65536,
    logLevel: 'info',
  });
});

test('devices of the underlay are a list', () => {
  expect(parseOptions(['--node=one', '--underlay-devices=eth1,bond0.7'], {}).underlayDevices).toEqual([
    'eth1',
    'bond0.7',
  ]);
});

test.each([
  [[], {}, '--node'],
  [['--node=one', '--vxlan-port=0'], {}, '--vxlan-port'],
  [['--node=one', '--http-port=many'], {}, '--http-port'],
  [
    ['--node=one', '--underlay-devices=eth0 eth1'],
    {},
    '--underlay-devices: eth0 eth1 is no name of a device',
  ],
  [
    ['--node=one', '--probe-interval=1000'],
    {},
    '--probe-interval must be milliseconds from 10 to 100, not "1000"',
  ],
  [['--node=one', '--probe-misses=1'], {}, '--probe-misses'],
  [['--node=one', '--flows=0'], {}, '--flows'],
  [['--node=one', '--log-level=loud'], {}, '--log-level'],
  [['--node=one', '--nonsense'], {}, '--nonsense'],
])('a wrong flag gets one message that names it: %j', (args, environment, flag) => {
  expect(() => parseOptions(args, environment)).toThrow(UsageError);
  expect(() => parseOptions(args, environment)).toThrow(flag);
});
