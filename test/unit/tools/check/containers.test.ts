// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { checkContainers, type MakesPods, privilegedOf } from '../../../../tools/check/containers.ts';

const securityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
const resources = { requests: { cpu: '1m' }, limits: { memory: '8Mi' } };
const good = { name: 'good', securityContext, resources };

function deployment(...containers: readonly object[]): MakesPods {
  const spec = { automountServiceAccountToken: false, containers };
  return { kind: 'Deployment', metadata: { name: 'x' }, spec: { template: { spec } } };
}

// security.md: function-leaves-container
describe('the containers of the chart', () => {
  test('that have all it takes are no problem, nor is the one that mounts for its node', () => {
    const mount = {
      name: 'mount-bpffs',
      resources,
      securityContext: { privileged: true, readOnlyRootFilesystem: true },
    };
    expect(checkContainers([deployment(good, mount)])).toEqual([]);
    expect(privilegedOf([deployment(good, mount)])).toEqual(['mount-bpffs']);
  });

  test.each([
    [{ allowPrivilegeEscalation: true }, 'allows privilege escalation'],
    [{ readOnlyRootFilesystem: undefined }, 'has a writable root file system'],
    [{ capabilities: { add: ['NET_ADMIN'] } }, 'keeps capabilities'],
    [{ seccompProfile: { type: 'Unconfined' } }, 'has no seccomp profile'],
    [{ privileged: true }, 'is privileged'],
  ])('%j is found', (change, fault) => {
    const bad = { ...good, name: 'bad', securityContext: { ...securityContext, ...change } };
    expect(checkContainers([deployment(good, bad)])).toEqual([`Deployment x: container bad ${fault}`]);
  });

  test('a pod’s seccomp profile holds for its containers; requests without limits are not enough', () => {
    const { seccompProfile, ...rest } = securityContext;
    const container = { ...good, securityContext: rest, resources: { requests: {} } };
    const spec = {
      automountServiceAccountToken: true,
      securityContext: { seccompProfile },
      containers: [container],
    };
    expect(checkContainers([{ kind: 'Pod', metadata: { name: 'x' }, spec }])).toEqual([
      'Pod x: container good has no requests or no limits',
    ]);
  });

  test('a token is mounted only where a pod asks for it', () => {
    const account = { kind: 'ServiceAccount', metadata: { name: 'x' } };
    expect(checkContainers([account])).toHaveLength(1);
    expect(checkContainers([{ ...account, automountServiceAccountToken: false }])).toEqual([]);
    const silent = {
      kind: 'DaemonSet',
      metadata: { name: 'x' },
      spec: { template: { spec: { containers: [] } } },
    };
    expect(checkContainers([silent])).toEqual(['DaemonSet x does not say automountServiceAccountToken']);
  });
});
