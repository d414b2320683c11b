// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { customTemplateOf } from '../../../../../api/custom-template.ts';
import type { CustomFunctionSpec } from '../../../../../api/index.ts';
import { compileFunction } from '../../../../../operator/compile/function/compile.ts';
import { functionKinds } from '../../../../../operator/compile/function/kinds.ts';

const owner = { kind: 'CustomFunction', namespace: 'shop', name: 'mine', uid: 'uid-mine' } as const;

const smallest: CustomFunctionSpec = {
  replicas: 1,
  drainSeconds: 30,
  image: 'team/mine:1',
  interfaces: 'One',
};

const full: CustomFunctionSpec = {
  ...smallest,
  replicas: 3,
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'registry' }],
  command: ['/bin/sh', '-c'],
  args: ['exec mine'],
  env: [
    { name: 'EMPTY', value: '' },
    { name: 'TOKEN', secretKeyRef: { name: 'mine', key: 'token' } },
    { name: 'RULES', configMapKeyRef: { name: 'mine', key: 'rules.conf' } },
  ],
  ports: [{ name: 'metrics', containerPort: 9100, protocol: 'TCP' }],
  interfaces: 'Two',
  capabilities: ['SETUID', 'NET_RAW'],
  readinessProbe: {
    exec: { command: ['/ready'] },
    initialDelaySeconds: 0,
    periodSeconds: 1,
    timeoutSeconds: 2,
    failureThreshold: 2,
  },
  pod: { resources: { requests: { cpu: '100m' } }, nodeSelector: { disk: 'ssd' } },
};

interface Container {
  readonly name: string;
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly resources: unknown;
  readonly securityContext: { readonly capabilities: { readonly add?: readonly string[] } };
}

function podOf(spec: CustomFunctionSpec) {
  const needs = functionKinds.CustomFunction.needs(spec);
  const compiled = compileFunction({ owner, needs, image: 'registry/heddle/custom:1', paths: [] });
  const template = compiled.deployment.spec.template as {
    readonly spec: {
      readonly initContainers: readonly Container[];
      readonly containers: readonly Container[];
      readonly volumes: readonly { readonly name: string }[];
      readonly automountServiceAccountToken: boolean;
    };
  };
  return { ...compiled, template };
}

describe('what is made for a custom function', () => {
  test.each([
    ['smallest', smallest],
    ['full', full],
  ])('%s: rights for our program alone, and a pod with both containers', async (name, spec) => {
    const { rights, deployment } = podOf(spec);
    const text = [...rights, deployment].map((object) => dump(object, { noRefs: true, lineWidth: 110 }));
    await expect(text.join('---\n')).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  test('only our container has what speaks to the API server', () => {
    const { containers, automountServiceAccountToken } = podOf(full).template.spec;
    expect(automountServiceAccountToken).toBe(false);
    const withToken = containers.filter(({ volumeMounts }) =>
      volumeMounts?.some(({ name }) => name === 'token'),
    );
    expect(withToken.map(({ name }) => name)).toEqual(['heddle']);
  });

  test("people's container has NET_ADMIN and what the spec names, ours NET_ADMIN", () => {
    const added = podOf(full).template.spec.containers.map(
      ({ securityContext }) => securityContext.capabilities.add,
    );
    expect(added).toEqual([['NET_ADMIN'], ['NET_ADMIN', 'NET_RAW', 'SETUID']]);
  });

  test('every container has a limit for what the spec limits, ours in amounts of its own', () => {
    const resources = { requests: { cpu: '2' }, limits: { cpu: '4', memory: '4Gi', 'example.com/gpu': 1 } };
    const { containers, initContainers } = podOf({ ...full, pod: { resources } }).template.spec;
    const ours = {
      requests: { cpu: '50m', memory: '96Mi' },
      limits: { cpu: '1', memory: '256Mi' },
    };
    expect(containers.map((each) => each.resources)).toEqual([ours, resources]);
    expect(initContainers.map((each) => each.resources)).toEqual([ours]);
    const disk = { requests: { 'ephemeral-storage': '1Gi' } };
    expect(podOf({ ...full, pod: { resources: disk } }).template.spec.containers[0]?.resources).toEqual({
      requests: { ...ours.requests, 'ephemeral-storage': '32Mi' },
    });
  });

  test('a read-only root leaves the image /tmp and /run, apart from ours; else nothing of the pod changes', () => {
    const { containers, volumes } = podOf({ ...full, readOnlyRootFilesystem: true }).template.spec;
    expect(containers[1]?.securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    const mounts = [
      { name: 'function-run', mountPath: '/run' },
      { name: 'function-tmp', mountPath: '/tmp' },
    ];
    expect(containers[1]?.volumeMounts).toEqual(mounts);
    expect(volumes.map(({ name }) => name)).toEqual([
      'run',
      'tmp',
      'report-key',
      'token',
      'function-run',
      'function-tmp',
    ]);
    const writable = podOf({ ...full, readOnlyRootFilesystem: false }).template.spec;
    expect(writable.containers[1]).toEqual(podOf(full).template.spec.containers[1]);
    expect(writable.volumes).toHaveLength(4);
  });

  test('its ConfigMaps must exist, but our program may not read them', () => {
    const needs = functionKinds.CustomFunction.needs(full);
    expect(needs.environment).toEqual([{ name: 'mine', field: 'spec.env[2].configMapKeyRef.name' }]);
    expect(needs.configMaps).toEqual([]);
    const [, role] = podOf(full).rights;
    const { rules } = role as unknown as { rules: { resources: string[]; resourceNames: string[] }[] };
    expect(rules.find(({ resources }) => resources.includes('configmaps'))?.resourceNames).toEqual([
      'heddle-customfunction-mine-peers',
    ]);
  });

  test('an edit of replicas or drainSeconds restarts no pod, any other does', () => {
    const { template } = podOf(full);
    expect(podOf({ ...full, replicas: 5, drainSeconds: 60 }).template).toEqual(template);
    expect(podOf({ ...full, args: ['exec other'] }).template).not.toEqual(template);
  });
});

describe('the name of what pods are made from', () => {
  test('is the same for the same fields in another order, and without what restarts nobody', () => {
    const { image, ...rest } = full;
    expect(customTemplateOf({ ...rest, replicas: 9, drainSeconds: 0, image })).toBe(customTemplateOf(full));
  });

  test('is another one for another value, however deep', () => {
    const edited = { ...full, pod: { ...full.pod, nodeSelector: { disk: 'hdd' } } };
    expect(customTemplateOf(edited)).not.toBe(customTemplateOf(full));
  });
});
