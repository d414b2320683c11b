// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { CustomFunctionSpec, FirewallSpec, LoadBalancerSpec } from '../../../../../api/index.ts';
import {
  customFunctionNeeds,
  firewallNeeds,
  loadBalancerNeeds,
  readableOf,
} from '../../../../../operator/compile/function/needs.ts';

const web = { matchLabels: { app: 'web' } };
const team = { matchLabels: { team: 'shop' } };

describe('what a firewall needs', () => {
  const spec = (change: Partial<FirewallSpec>): FirewallSpec => ({
    replicas: 2,
    drainSeconds: 30,
    stateful: true,
    defaultAction: 'Drop',
    ...change,
  });

  test('are the pods that its rules select, at either end', () => {
    const { selectors } = firewallNeeds(
      spec({
        rules: [
          { name: 'a', action: 'Accept', source: { podSelector: web } },
          { name: 'b', action: 'Accept', destination: { podSelector: web, namespaceSelector: team } },
          { name: 'c', action: 'Accept', destination: { namespaceSelector: team } },
          { name: 'd', action: 'Accept', destination: { cidrs: ['10.0.0.0/8'] } },
        ],
      }),
    );
    expect(selectors).toEqual([
      { podSelector: web },
      { podSelector: web, namespaceSelector: team },
      { namespaceSelector: team },
    ]);
  });

  test('are the ConfigMaps of its sets, by field, and nothing else to read', () => {
    const needs = firewallNeeds(
      spec({
        sets: [
          { name: 'own', cidrs: ['10.0.0.0/8'] },
          { name: 'feed', configMapRef: { name: 'list' } },
        ],
      }),
    );
    expect(needs.configMaps).toEqual([{ name: 'list', field: 'spec.sets[1].configMapRef.name' }]);
    expect(readableOf(needs)).toEqual({ configMaps: ['list'], secrets: [] });
  });
});

describe('what a load balancer needs', () => {
  const spec = (change: Partial<LoadBalancerSpec>): LoadBalancerSpec =>
    ({
      network: 'net',
      replicas: 1,
      drainSeconds: 30,
      listeners: [{ name: 'web', protocol: 'TCP', port: 80 }],
      backends: { podSelector: web },
      ...change,
    }) as LoadBalancerSpec;

  test('are its backends: pods of its own namespace, of others that it selects, or the addresses that it lists', () => {
    expect(loadBalancerNeeds(spec({})).backends).toEqual({
      network: 'net',
      selected: { podSelector: web },
      addresses: [],
    });
    const others = { podSelector: web, namespaceSelector: team };
    expect(loadBalancerNeeds(spec({ backends: others })).backends?.selected).toEqual(others);
    const listed = {
      addresses: [
        { address: '10.20.0.9', weight: 100 },
        { address: 'fd20::9', weight: 100 },
      ],
    };
    expect(loadBalancerNeeds(spec({ backends: listed })).backends).toMatchObject({
      selected: undefined,
      addresses: ['10.20.0.9', 'fd20::9'],
    });
  });

  test('is a Service when it is exposed', () => {
    expect(loadBalancerNeeds(spec({})).service).toBeUndefined();
    const expose = { type: 'NodePort' } as LoadBalancerSpec['expose'];
    expect(loadBalancerNeeds(spec({ expose })).service).toMatchObject({ expose, listeners: [{ port: 80 }] });
  });
});

test('what a custom function needs are the objects of its environment, by field; Secrets when they must allow it', () => {
  const spec = {
    replicas: 1,
    drainSeconds: 30,
    image: 'x',
    env: [
      { name: 'A', value: 'a' },
      { name: 'B', configMapKeyRef: { name: 'settings', key: 'b' } },
      { name: 'C', secretKeyRef: { name: 'token', key: 'c' } },
    ],
    imagePullSecrets: [{ name: 'pull' }],
  } as unknown as CustomFunctionSpec;
  const needs = customFunctionNeeds(spec);
  expect(needs.environment).toEqual([{ name: 'settings', field: 'spec.env[1].configMapKeyRef.name' }]);
  expect(needs.allowedSecrets).toBeUndefined();
  expect(readableOf(needs)).toEqual({ configMaps: [], secrets: [] });
  expect(customFunctionNeeds({ ...spec, secretAccess: 'Allowed' }).allowedSecrets).toEqual([
    { name: 'token', field: 'spec.env[2].secretKeyRef.name' },
    { name: 'pull', field: 'spec.imagePullSecrets[0].name' },
  ]);
});
