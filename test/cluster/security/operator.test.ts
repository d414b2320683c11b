// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { apply, get, type KubectlOptions, kubectl, readTarget } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { type Account, refusalOf, steal } from './account.ts';

const namespace = useNamespace('stolen');
const within = { namespace };
const DEPLOYMENT = 'heddle-customfunction-mine';
const marks = {
  labels: { 'app.kubernetes.io/name': 'heddle', 'app.kubernetes.io/managed-by': 'heddle-operator' },
  ownerReferences: [
    { apiVersion: 'heddle.dev/v1alpha1', kind: 'VPN', name: 'x', uid: 'x', controller: true },
  ],
};
const RBAC = 'rbac.authorization.k8s.io';
let operator: Account;

interface Container {
  readonly image: string;
  readonly securityContext: object;
  readonly env: readonly object[];
  readonly volumeMounts: readonly object[];
}

interface PodSpec {
  readonly containers: readonly [Container, Container];
  readonly volumes: readonly object[];
}

interface Deployment {
  readonly metadata: { readonly labels: object; readonly ownerReferences: readonly object[] };
  readonly spec: {
    readonly selector: object;
    readonly template: { readonly metadata: object; readonly spec: PodSpec };
  };
}

/** Asks, as the operator, for the Deployment that it has made, with another pod. */
async function tryPod(change: (spec: PodSpec) => object): Promise<string> {
  const { metadata, spec } = await get<Deployment>('deployment', DEPLOYMENT, namespace);
  const { labels, ownerReferences } = metadata;
  const name = 'heddle-customfunction-tried';
  // With the account and the Secret that have its name.
  const pod = JSON.parse(JSON.stringify(spec.template.spec).replaceAll(DEPLOYMENT, name)) as PodSpec;
  const template = { ...spec.template, spec: { ...pod, ...change(pod) } };
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels, ownerReferences },
    spec: { ...spec, template },
  };
  const input = JSON.stringify(object);
  return refusalOf(await operator.try(['create', '--dry-run=server', '-f', '-'], { namespace, input }));
}

/** Asks for an object with the operator's own labels and owner. */
async function tryObject(object: object, metadata: object = {}): Promise<string> {
  return refusalOf(
    await operator.create({ ...object, metadata: { name: 'heddle-x', ...marks, ...metadata } }, within),
  );
}

beforeAll(async () => {
  operator = await steal('heddle-operator');
  const spec = {
    image: 'none.invalid/never-pulled',
    pod: { nodeSelector: { 'heddle.dev/test': 'nowhere' } },
  };
  await apply(
    [{ apiVersion: 'heddle.dev/v1alpha1', kind: 'CustomFunction', metadata: { name: 'mine' }, spec }],
    namespace,
  );
  await kubectl(['create', 'deployment', 'web', '--image=none.invalid/never-pulled', '--replicas=0'], within);
  await kubectl(['create', 'configmap', 'heddle-of-a-user'], within);
  await eventually('the Deployment of the function', () =>
    get('deployment', DEPLOYMENT, namespace).catch(() => undefined),
  );
});

describe('the token of the operator makes pods as the operator does (security.md: operator-token-makes-pods)', () => {
  test('and admission allows those', async () => {
    expect(await tryPod(() => ({}))).toBe('not refused');
  });

  const [ours, image] = [0, 1] as const;
  const other = (spec: PodSpec, at: 0 | 1, change: Partial<Container>): object => ({
    containers: spec.containers.map((each, index) => (index === at ? { ...each, ...change } : each)),
  });
  const root = { name: 'function-root', hostPath: { path: '/' } };
  test.each<readonly [string, RegExp, (spec: PodSpec) => object]>([
    ['hostPID', /no pods with hostNetwork, hostPID or hostIPC/, () => ({ hostPID: true })],
    ['hostNetwork', /no pods with hostNetwork/, () => ({ hostNetwork: true })],
    [
      'a privileged container',
      /no privileged containers/,
      (spec) =>
        other(spec, image, {
          securityContext: {
            privileged: true,
            allowPrivilegeEscalation: true,
            capabilities: { drop: ['ALL'] },
          },
        }),
    ],
    [
      'SYS_ADMIN',
      /no privileged containers/,
      (spec) =>
        other(spec, image, {
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] },
          },
        }),
    ],
    ['a path of the node', /mounts nothing of nodes/, (spec) => ({ volumes: [...spec.volumes, root] })],
    [
      'a foreign Secret as a volume',
      /no Secrets but its own/,
      (spec) => ({ volumes: [...spec.volumes, { name: 'function-s', secret: { secretName: 'db' } }] }),
    ],
    [
      'a foreign account',
      /with the ServiceAccount of their function/,
      () => ({ serviceAccountName: 'default' }),
    ],
    ['a foreign image', /runs images of the chart/, (spec) => other(spec, ours, { image: 'evil.example/x' })],
    [
      'the token for the image',
      /gets no token/,
      (spec) => other(spec, image, { volumeMounts: [{ name: 'token', mountPath: '/t' }] }),
    ],
  ])('but not with %s', async (_what, reason, change) => {
    expect(await tryPod(change)).toMatch(reason);
  });
});

describe('the token of the operator writes its own objects only (security.md: operator-token-writes-anything)', () => {
  test('and leaves those of others alone', async () => {
    // By server-side apply, as the operator writes: it may get no Deployment.
    const scale = (name: string, scope: KubectlOptions) => {
      const spec = { replicas: 1 };
      const input = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec });
      return operator.try(['apply', '--server-side', '--force-conflicts', '-f', '-'], { ...scope, input });
    };
    // Two policies refuse each, and the API server says the reason of one: which comes first is its choice.
    expect(refusalOf(await scale('web', within))).toMatch(
      /deployments web is none|the operator makes pods with the ServiceAccount/,
    );
    const itself = await scale('heddle-operator', { namespace: readTarget().system });
    expect(refusalOf(itself)).toMatch(
      /deployments heddle-operator is none|the operator runs images of the chart/,
    );
    const deleted = await operator.try(['delete', 'configmap', 'heddle-of-a-user'], within);
    expect(refusalOf(deleted)).toMatch(/does not change configmaps heddle-of-a-user, which it did not make/);
  });

  test('and no Secret with the token of an account, and no right but its own', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token' };
    const annotations = { 'kubernetes.io/service-account.name': 'default' };
    expect(await tryObject(secret, { annotations })).toMatch(/Secrets of type Opaque only/);
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];
    const role = { apiVersion: `${RBAC}/v1`, kind: 'Role', rules };
    expect(await tryObject(role)).toMatch(/makes Roles that read/);
    const binding = {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'heddle-operator' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    };
    expect(await tryObject(binding)).toMatch(/binds a Role of a function or VPN/);
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      endpoints: [{ addresses: ['192.0.2.1'] }],
    };
    const labels = {
      ...marks.labels,
      'endpointslice.kubernetes.io/managed-by': 'heddle-operator',
      'kubernetes.io/service-name': 'web',
    };
    expect(await tryObject(slice, { labels })).toMatch(/of the Services of its VPNs, and of headless/);
    const owner = { apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'x', controller: true };
    const headless = { ...labels, 'service.kubernetes.io/headless': '' };
    const ofOther = { labels: headless, ownerReferences: [{ ...owner, name: 'db' }] };
    expect(await tryObject(slice, ofOther)).toMatch(/endpointslices heddle-x is none/);
    expect(await tryObject(slice, { labels: headless, ownerReferences: [owner] })).toBe('not refused');
    const service = { apiVersion: 'v1', kind: 'Service' };
    const spec = { type: 'NodePort', selector: { app: 'db' }, ports: [{ port: 80 }] };
    expect(await tryObject({ ...service, spec })).toMatch(/makes Services of type NodePort/);
  });

  test('and one annotation of pods', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } };
    const bare = { containers: [{ name: 'web', image: 'none.invalid/never-pulled' }] };
    await apply([{ ...pod, spec: { ...bare, nodeSelector: { 'heddle.dev/test': 'nowhere' } } }], namespace);
    const status = ['annotate', 'pod', 'web', 'k8s.v1.cni.cncf.io/network-status=[]'];
    expect(refusalOf(await operator.try(status, within))).toBe('not refused');
    for (const args of [
      ['label', 'pod', 'web', 'app=db'],
      ['set', 'image', 'pod/web', 'web=evil'],
      ['delete', 'pod', 'web'],
    ]) {
      expect(refusalOf(await operator.try(args, within))).toMatch(/the operator (writes|deletes)/);
    }
  });
});
