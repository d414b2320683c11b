// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { registerMetrics } from '../../../../functions/firewall/metrics.ts';
import { ruleName } from '../../../../functions/firewall/names.ts';
import { Registry } from '../../../../kube/base/metrics.ts';

test('a firewall’s metrics are what its rules and its log have counted, read anew at each scrape', async () => {
  const registry = new Registry();
  let logged = 3;
  let counters = new Map([
    [ruleName('web'), { packets: 5, bytes: 500 }],
    [ruleName('gone'), { packets: 1, bytes: 60 }],
  ]);
  registerMetrics(registry, { counters: async () => counters, logged: () => logged });
  const said = async () => (await registry.metrics()).split('\n').filter((line) => /^heddle/.test(line));
  expect(await said()).toEqual([
    'heddle_firewall_packets_total{rule="web"} 5',
    'heddle_firewall_packets_total{rule="gone"} 1',
    'heddle_firewall_bytes_total{rule="web"} 500',
    'heddle_firewall_bytes_total{rule="gone"} 60',
    'heddle_firewall_logged_packets_total 3',
  ]);
  logged = 4;
  counters = new Map([[ruleName('web'), { packets: 6, bytes: 600 }]]);
  expect(await said()).toEqual([
    'heddle_firewall_packets_total{rule="web"} 6',
    'heddle_firewall_bytes_total{rule="web"} 600',
    'heddle_firewall_logged_packets_total 4',
  ]);
});
