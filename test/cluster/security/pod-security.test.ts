// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, get, type KubeObject, kubectl, list, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';

// Functions run in a namespace where everybody else's pods are held to the level baseline. The tenant is a ServiceAccount
// with the role `edit`; `debugger` may do anything with pods.
// security.md: tenant-runs-privileged, tenant-enters-function, function-leaves-container

const namespace = useNamespace('pod-security');
const image = 'localhost/heddle/base:dev';
const tolerations = [{ operator: 'Exists' }];
const tenant = `--as=system:serviceaccount:${namespace}:tenant`;
const debuggerAs = `--as=system:serviceaccount:${namespace}:debugger`;

function account(name: string, role: string): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: role === 'edit' ? 'ClusterRole' : 'Role',
        name: role,
      },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}

const pods = { apiGroups: [''], resources: ['pods', 'pods/exec', 'pods/attach', 'pods/ephemeralcontainers'] };
const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name: 'pods' },
  rules: [{ ...pods, verbs: ['*'] }],
};

function heddle(kind: string, name: string, spec: object): object {
  return { apiVersion: 'heddle.dev/v1alpha1', kind, metadata: { name }, spec };
}

/** Fields of a pod, and of its one container. */
interface Wish {
  readonly spec?: object;
  readonly container?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

function templateOf({ spec, container, annotations = {}, labels = {} }: Wish): object {
  const containers = [{ name: 'c', image, command: ['/bin/sleep', '600'], ...container }];
  return {
    metadata: { annotations, labels: { app: 'x', ...labels } },
    spec: { containers, tolerations, ...spec },
  };
}

function podOf(name: string, wish: Wish): object {
  const { metadata, spec } = templateOf(wish) as { metadata: object; spec: object };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec };
}

/** Creates a pod as the tenant, but only as far as admission. */
async function tryPod(wish: Wish): Promise<string> {
  const input = JSON.stringify(podOf('tried', wish));
  const reply = await tryKubectl([tenant, 'create', '--dry-run=server', '-f', '-'], { namespace, input });
  return reply.code === 0 ? 'created' : reply.stderr;
}

const context = (securityContext: object): Wish => ({ container: { securityContext } });

beforeAll(async () => {
  await kubectl(['label', 'namespace', namespace, 'heddle.dev/pod-security=baseline']);
  await apply([...account('tenant', 'edit'), role, ...account('debugger', 'pods')], namespace);
  const vpn = { network: 'shop', pool: ['10.99.0.0/24'], endpoint: 'vpn.test:51820', pod: { tolerations } };
  const options = { capabilities: ['NET_RAW'], readOnlyRootFilesystem: true, pod: { tolerations } };
  const custom = { image, command: ['/bin/sleep', '600'], ...options };
  await apply(
    [
      heddle('VirtualNetwork', 'shop', { subnets: [{ cidr: '10.20.0.0/16' }] }),
      heddle('Firewall', 'edge', { rules: [], pod: { tolerations } }),
      heddle('CustomFunction', 'mine', custom),
      heddle('VPN', 'branch', vpn),
    ],
    namespace,
  );
});

describe('a tenant’s pod', () => {
  const least = { allowPrivilegeEscalation: false, capabilities: { add: ['CHOWN'], drop: ['ALL'] } };
  test.each<readonly [string, Wish]>([
    ['of no wishes', {}],
    ['of what baseline lets it have', context({ ...least, seccompProfile: { type: 'RuntimeDefault' } })],
    [
      'with a probe and a safe sysctl',
      {
        spec: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '4096 8192 16384' }] } },
        container: { livenessProbe: { httpGet: { port: 80 } } },
      },
    ],
  ])('%s is created', async (_, wish) => {
    expect(await tryPod(wish)).toBe('created');
  });

  const windows = { os: { name: 'windows' }, hostNetwork: true };
  const apparmor = 'container.apparmor.security.beta.kubernetes.io/c';
  const root = { name: 'root', hostPath: { path: '/' } };
  test.each<readonly [string, string, Wish]>([
    ['hostPID', 'host namespaces', { spec: { hostPID: true } }],
    ['hostNetwork', 'host namespaces', { spec: { hostNetwork: true } }],
    ['hostIPC', 'host namespaces', { spec: { hostIPC: true } }],
    ['a privileged container', 'privileged containers: c', context({ privileged: true })],
    [
      'a privileged init container',
      'privileged containers: i',
      {
        spec: { initContainers: [{ name: 'i', image, securityContext: { privileged: true } }] },
      },
    ],
    ['NET_ADMIN', 'capabilities beyond', context({ capabilities: { add: ['NET_ADMIN'] } })],
    ['a hostPath', 'hostPath volumes: root', { spec: { volumes: [root] } }],
    ['a hostPort', 'hostPort of', { container: { ports: [{ containerPort: 80, hostPort: 8099 }] } }],
    [
      'a probe of another host',
      'host of a probe',
      {
        container: { livenessProbe: { tcpSocket: { host: '10.96.0.1', port: 443 } } },
      },
    ],
    [
      'a hook to another host',
      'host of a probe',
      {
        container: { lifecycle: { preStop: { httpGet: { host: '10.96.0.1', port: 443 } } } },
      },
    ],
    ['AppArmor off', 'AppArmor', context({ appArmorProfile: { type: 'Unconfined' } })],
    ['AppArmor off by annotation', 'AppArmor', { annotations: { [apparmor]: 'unconfined' } }],
    ['an SELinux type', 'SELinux', context({ seLinuxOptions: { type: 'spc_t' } })],
    ['seccomp off', 'seccomp', { spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } } }],
    [
      'an unsafe sysctl',
      'sysctls: net.ipv4.ip_forward',
      {
        spec: { securityContext: { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] } },
      },
    ],
    [
      'a Windows HostProcess',
      'Windows HostProcess',
      {
        spec: { ...windows, securityContext: { windowsOptions: { hostProcess: true } } },
      },
    ],
  ])('with %s is refused, and told why', async (_, reason, wish) => {
    const refusal = await tryPod(wish);
    expect(refusal).toContain('is forbidden');
    // Windows' HostProcess takes hostNetwork, which is refused first.
    expect(refusal).toContain(
      `heddle.dev/pod-security baseline: ${reason.startsWith('Windows') ? 'host namespaces' : reason}`,
    );
  });

  test('that looks like a function’s gets no more', async () => {
    const labels = { 'heddle.dev/function': 'firewall.edge' };
    expect(await tryPod({ ...context({ capabilities: { add: ['NET_ADMIN'] } }), labels })).toContain(
      'is forbidden',
    );
  });

  test('by a Deployment is refused too, in the Deployment’s condition', async () => {
    const spec = {
      selector: { matchLabels: { app: 'x' } },
      template: templateOf({ spec: { hostPID: true } }),
    };
    const input = JSON.stringify({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'host' },
      spec,
    });
    await kubectl([tenant, 'create', '-f', '-'], { namespace, input });
    const told = await eventually('the Deployment says that its pods are refused', () => failureOf('host'));
    expect(told).toContain('heddle.dev/pod-security baseline: host namespaces');
  });
});

const hardened = {
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

interface Container {
  readonly securityContext: object;
}

interface Pod extends KubeObject {
  readonly spec: {
    readonly securityContext: { readonly seccompProfile?: { readonly type?: string } };
    readonly initContainers: readonly Container[];
    readonly containers: readonly Container[];
  };
}

interface Deployment extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly message: string }[] };
}

async function failureOf(name: string): Promise<string | undefined> {
  const { status } = await get<Deployment>('deployment', name, namespace);
  return status?.conditions?.find(({ type }) => type === 'ReplicaFailure')?.message;
}

describe('the pods of functions', () => {
  test.each([
    ['firewall', 'edge'],
    ['customfunction', 'mine'],
    ['vpn', 'branch'],
  ])('of a %s run', async (kind, name) => {
    await waitForCondition({ kind, name, namespace }, 'Programmed', { timeoutMs: 60_000 });
  });

  test('have a read-only root file system, the image’s too where its spec says so', async () => {
    const selector = 'heddle.dev/function in (firewall.edge, customfunction.mine, vpn.branch)';
    for (const { metadata, spec } of await list<Pod>('pods', { namespace, selector })) {
      const contexts = [...spec.initContainers, ...spec.containers].map((each) => each.securityContext);
      for (const each of contexts) expect(each, metadata.name).toMatchObject(hardened);
      expect(spec.securityContext.seccompProfile?.type).toBe('RuntimeDefault');
    }
    const [mine] = await list('pods', { namespace, selector: 'heddle.dev/function=customfunction.mine' });
    const touch = ['sh', '-c', 'touch /tmp/a /run/a && touch /etc/a'];
    const reply = await tryKubectl(['exec', mine!.metadata.name, '-c', 'function', '--', ...touch], {
      namespace,
    });
    expect(reply.stderr).toContain('/etc/a: Read-only file system');
  });

  test('take no process of whoever may not create CustomFunctions', async () => {
    const selector = 'heddle.dev/function=firewall.edge';
    const [pod] = await list('pods', { namespace, selector });
    const { name } = pod!.metadata;
    const exec = (...as: readonly string[]) =>
      tryKubectl([...as, 'exec', name, '--', 'nft', 'list', 'tables'], { namespace });
    expect((await exec(debuggerAs)).stderr).toContain('the right to create CustomFunctions');
    const debug = ['debug', name, `--image=${image}`, '--profile=general', '--attach=false'];
    const beside = await tryKubectl([debuggerAs, ...debug, '--', 'sleep', '60'], { namespace });
    expect(beside.stderr).toMatch(
      /create CustomFunctions|heddle.dev\/pod-security baseline|ephemeral containers/,
    );
    expect((await exec()).stdout).toContain('table');
  });

  test('so does the pod of a gateway of whoever may not read Secrets', async () => {
    const spec = {
      rules: [{ apiGroups: ['heddle.dev'], resources: ['customfunctions'], verbs: ['create'] }],
    };
    await apply([{ ...role, metadata: { name: 'customs' }, ...spec }], namespace);
    await kubectl(
      ['create', 'rolebinding', 'customs', '--role=customs', `--serviceaccount=${namespace}:debugger`],
      {
        namespace,
      },
    );
    const [pod] = await list('pods', { namespace, selector: 'heddle.dev/function=vpn.branch' });
    const { stderr } = await tryKubectl([debuggerAs, 'exec', pod!.metadata.name, '--', 'wg'], { namespace });
    expect(stderr).toContain('the right to read Secrets');
  });
});
