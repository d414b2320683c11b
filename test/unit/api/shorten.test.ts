// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functionLabelOf, objectNameOf, serviceNameOf } from '../../../api/function-names.ts';
import type { FunctionKind, FunctionObject, ServiceChain } from '../../../api/index.ts';
import { workloadKinds } from '../../../api/index.ts';
import { renderEvent } from '../../../kube/event-series.ts';
import { compileChain } from '../../../operator/compile/chain/compile.ts';
import { chainLabelOf, sliceNameOf } from '../../../operator/compile/chain/names.ts';
import { compileFunction } from '../../../operator/compile/function/compile.ts';
import { needsOf } from '../../../operator/compile/function/kinds.ts';
import { compileOwnChain, ownChainNameOf } from '../../../operator/compile/function/own-chain.ts';
import { compileFunctionService } from '../../../operator/compile/function/service.ts';
import { networkLabelOf, portNameOf } from '../../../operator/compile/ports/names.ts';
import { compileGateways } from '../../../operator/compile/vpn/deployment.ts';
import {
  compileGatewayKey,
  compileGatewaySecret,
  compilePeerSecret,
} from '../../../operator/compile/vpn/secrets.ts';
import { compileEndpointSlices, compileVpnService } from '../../../operator/compile/vpn/service.ts';
import { compileReportKey } from '../../../operator/compile/workload/report-key.ts';
import { type Desired, ownerOf } from '../../../operator/compile/workload/types.ts';
import { decide, input, peer, vpn } from '../operator/vpn-world.ts';

// The name of an object of Heddle is any DNS subdomain, which is all that the API server asks of it. Everything that is
// made from the object must have names that the API server takes too.

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const isSubdomain = (name: string): boolean =>
  name.length <= 253 && name.split('.').every((part) => LABEL.test(part));

/** Names of every length whose hyphens and dots are where they may be cut, and those that people write. */
const subdomain = fc
  .array(fc.stringMatching(/^[a-z0-9](-{0,3}[a-z0-9]{1,9}){0,4}$/), { minLength: 1, maxLength: 60 })
  .map((parts) =>
    parts
      .join('.')
      .slice(0, 253)
      .replace(/[^a-z0-9]+$/, ''),
  );
const PLAIN = ['web', 'web.v2', 'web-v2', '1', '1.2.3', 'a.b-c.d'];
const LONG = ['a'.repeat(253), `${'a.'.repeat(126)}a`, `${'a-'.repeat(126)}a`, `${'ab.'.repeat(84)}a`];
const ANY = [
  ...PLAIN,
  ...LONG,
  ...Array.from({ length: 253 }, (_, index) =>
    `${'a-b.'.repeat(64)}`.slice(0, index + 1).replace(/[^a-z0-9]+$/, ''),
  ),
];
const names = fc.oneof(subdomain, fc.constantFrom(...ANY));

const LISTENERS = [{ name: 'http', protocol: 'TCP' as const, port: 80 }];
const EXPOSE = { type: 'NodePort' as const, externalTrafficPolicy: 'Cluster' as const };
const IMAGE = 'registry/heddle:1';

function functionOf(kind: FunctionKind, name: string): FunctionObject {
  const common = { replicas: 1, drainSeconds: 30 };
  const specs = {
    Firewall: {
      ...common,
      defaultAction: 'Drop',
      stateful: true,
      rules: [{ name: 'web', action: 'Accept', source: { podSelector: {} } }],
    },
    LoadBalancer: {
      ...common,
      network: 'shop',
      listeners: LISTENERS,
      backends: { podSelector: {} },
      expose: EXPOSE,
      algorithm: 'Maglev',
      affinity: 'None',
    },
    CustomFunction: { ...common, image: IMAGE, interfaces: 'One' },
  };
  const metadata = { namespace: 'shop', name, uid: 'uid' };
  return {
    apiVersion: 'heddle.dev/v1alpha1',
    kind,
    metadata,
    spec: specs[kind],
  } as unknown as FunctionObject;
}

function madeForFunction(kind: FunctionKind, name: string): readonly Desired[] {
  const object = functionOf(kind, name);
  const owner = ownerOf(object);
  const needs = needsOf(object);
  const paths = [{ pathId: 12, vni: 4097, position: 0, members: [] }];
  const { rights, deployment, selectedPods } = compileFunction({ owner, needs, image: IMAGE, paths });
  return [
    ...rights,
    deployment,
    compileReportKey(owner, Buffer.alloc(32)),
    ...(selectedPods.kind === 'ConfigMap' ? [selectedPods.object] : []),
    ...(kind === 'LoadBalancer'
      ? [
          compileFunctionService(owner, { expose: EXPOSE, listeners: LISTENERS }),
          compileOwnChain(owner, 'shop'),
        ]
      : []),
  ];
}

function madeForVpn(name: string): readonly Desired[] {
  const plain = vpn({ expose: EXPOSE });
  const object = { ...plain, metadata: { ...plain.metadata, name } };
  const decided = decide([input(peer(name))], { vpn: object });
  const { rights, deployment } = compileGateways(object, IMAGE);
  return [
    ...rights,
    deployment,
    compileReportKey(ownerOf(object), Buffer.alloc(32)),
    compileVpnService(object)!,
    ...compileEndpointSlices(object, { podIPs: ['10.244.1.5'], node: 'worker' }),
    compileGatewayKey(decided),
    compileGatewaySecret(decided, 'pod-1'),
    ...decided.peers.map((each) => compilePeerSecret(decided, each)),
  ] as readonly Desired[];
}

function madeForChain(name: string): readonly Desired[] {
  const chain = {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'ServiceChain',
    metadata: { namespace: 'shop', name, uid: 'uid', generation: 1 },
    spec: { network: 'shop', priority: 1000, functions: [], establishedFlows: 'Through' },
  } as unknown as ServiceChain;
  const cidrs = Array.from({ length: 700 }, (_, index) => ({ cidr: `10.${index >> 8}.${index & 255}.0/24` }));
  const { slices } = compileChain({
    chain,
    place: { network: { namespace: 'shop', name: 'shop' }, vni: 4097, pathId: 12 },
    ends: { from: cidrs, to: undefined, virtual: [] },
    members: [],
    hops: [],
    reports: new Map(),
    slices: [],
  } as unknown as Parameters<typeof compileChain>[0]);
  return slices as unknown as readonly Desired[];
}

const made: Readonly<Record<string, (name: string) => readonly Desired[]>> = {
  Firewall: (name) => madeForFunction('Firewall', name),
  LoadBalancer: (name) => madeForFunction('LoadBalancer', name),
  CustomFunction: (name) => madeForFunction('CustomFunction', name),
  VPN: madeForVpn,
  ServiceChain: madeForChain,
};

/** Values of labels, and names of other objects, wherever they stand in an object. */
function referencesIn(value: unknown, key = ''): readonly { readonly key: string; readonly text: string }[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) =>
    referencesIn(
      inside,
      /^(labels|matchLabels|selector)$/.test(key) ? 'label' : Array.isArray(value) ? key : name,
    ),
  );
}

/** Names in an object that the API server refuses. */
function refusedNames(object: Desired): readonly string[] {
  const { kind, metadata } = object;
  const isRight =
    kind === 'Service'
      ? metadata.name.length <= 63 && /^[a-z]/.test(metadata.name) && LABEL.test(metadata.name)
      : isSubdomain(metadata.name);
  // Its pods' names are 17 characters longer and should be usable as whole host names.
  const isShort = kind !== 'Deployment' || metadata.name.length <= 46;
  const wrong = referencesIn(object).filter(({ key, text }) => {
    if (key === 'label') return text.length > 63 || !LABEL_VALUE.test(text);
    return /^(serviceAccountName|secretName|resourceNames)$/.test(key) && !isSubdomain(text);
  });
  return [
    ...(isRight && isShort ? [] : [`${kind} ${metadata.name}`]),
    ...wrong.map(({ key, text }) => `${key} ${text}`),
  ];
}

describe('every name that the API server takes', () => {
  test.for(Object.keys(made))('works in everything that is made for a %s', (kind) => {
    fc.assert(
      fc.property(names, (name) => {
        const objects = made[kind]!(name);
        expect(objects.length).toBeGreaterThan(0);
        expect(objects.flatMap(refusedNames), name).toEqual([]);
      }),
      { numRuns: 100, examples: ANY.slice(0, PLAIN.length + LONG.length).map((name): [string] => [name]) },
    );
  });

  test('works for pods, networks and Events about it', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('net1', 'a'.repeat(15)), (name, interfaceName) => {
        expect(portNameOf({ name, uid: 'uid' }, interfaceName)).toSatisfy(isSubdomain);
        expect(sliceNameOf(name, 12, '-outside')).toSatisfy(isSubdomain);
        const label = networkLabelOf({ namespace: 'n'.repeat(63), name });
        expect(label.length <= 63 && LABEL_VALUE.test(label), label).toBe(true);
        const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', uid: 'uid' } };
        const note = { object, type: 'Normal', reason: 'Ready', message: 'it is' } as const;
        expect(renderEvent(note, { component: 'heddle', instance: 'one' }, 0).metadata.name).toSatisfy(
          isSubdomain,
        );
      }),
    );
  });

  test.for(Object.keys(made))('has names of its own in what is made for a %s', (kind) => {
    const kept = [...new Set(ANY)];
    const all = kept.flatMap((name) => made[kind]!(name).map((each) => `${each.kind} ${each.metadata.name}`));
    const perObject = kept.map(
      (name) => new Set(made[kind]!(name).map((each) => `${each.kind} ${each.metadata.name}`)).size,
    );
    expect(new Set(all).size).toBe(perObject.reduce((sum, count) => sum + count, 0));
  });
});

test('names that worked in 0.1.0 are what they were, so that nothing is made anew by an upgrade', () => {
  expect(serviceNameOf('LoadBalancer', 'web')).toBe('heddle-loadbalancer-web');
  expect(serviceNameOf('VPN', 'branch-of-a-company-with-a-name-that-is-long')).toBe(
    objectNameOf('VPN', 'branch-of-a-company-with-a-name-that-is-long'),
  );
  expect(objectNameOf('VPN', 'branch-of-a-company-with-a-name-that-is-long')).toBe(
    'heddle-vpn-branch-of-a-company-with-a-beaf0e56',
  );
  expect(workloadKinds.map((kind) => objectNameOf(kind, 'web.v2'))).toEqual([
    'heddle-firewall-web.v2',
    'heddle-loadbalancer-web.v2',
    'heddle-customfunction-web.v2',
    'heddle-vpn-web.v2',
  ]);
  expect(functionLabelOf('Firewall', 'a'.repeat(100))).toBe(`firewall.${'a'.repeat(45)}-f23b0d65`);
  expect(networkLabelOf({ namespace: 'shop', name: 'a'.repeat(100) })).toBe(
    `shop.${'a'.repeat(49)}-7e7c6d6a`,
  );
  expect(sliceNameOf('a'.repeat(251), 0)).toBe(`${'a'.repeat(251)}-0`);
  expect(chainLabelOf('a.'.repeat(40))).toBe(`${'a.'.repeat(31)}a`);
  expect(ownChainNameOf('a'.repeat(250))).toBe(`${'a'.repeat(250)}.lb`);
});

test('no chain has a slice with the name of a slice of another one', () => {
  const long = 'a'.repeat(253);
  const name = sliceNameOf(long, 0);
  expect(name).toMatch(/^a+-[0-9a-f]{8}\.0$/);
  // A chain of a shorter name would have to be called so, and its first slice has another name.
  expect(sliceNameOf(name.slice(0, -2), 0)).not.toBe(name);
  expect(sliceNameOf(long, 10)).not.toBe(sliceNameOf(long, 1));
});
