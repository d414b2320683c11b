// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Firewall } from '../../../api/index.ts';
import { systemNamespace } from '../../../api/names.ts';
import { compileFunction } from '../../../operator/compile/function/compile.ts';
import { functionKinds } from '../../../operator/compile/function/kinds.ts';
import { ownerOf } from '../../../operator/compile/workload/types.ts';
import { readCrds } from '../../../tools/generate/crds.ts';
import { binaries } from '../../../tools/kind/binaries.ts';
import { type CorpusFile, readCorpus } from '../../cluster/api/manifests.ts';
import { findMissing, needs } from '../../support/needs.ts';
import { type ApiServer, missingApiServer, startApiServer } from '../firewall/api-server.ts';
import { run } from '../firewall/shell.ts';
import { ACCEPTED, type Created, createAll } from './answers.ts';

const ROOT = join(import.meta.dirname, '../../..');
const NETNS = `heddle-chart-${process.pid}`;
const SHOP = 'shop';

const bare = { containers: [{ name: 'web', image: 'none.invalid/never-pulled' }] };
const marked = { labels: { app: 'web', 'heddle.dev/function': 'firewall.edge' } };
const podOf = (name: string, spec: object = bare, metadata: object = {}): Created => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec,
});
const deploymentOf = (template: object): Created => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, ...template },
  },
});

const edge: Firewall = {
  apiVersion: 'heddle.dev/v1alpha1',
  kind: 'Firewall',
  metadata: { namespace: SHOP, name: 'edge', uid: '7d3f0f4e-0000-4000-8000-000000000001' },
  spec: { replicas: 1, stateful: true, defaultAction: 'Drop', drainSeconds: 30 },
};

/** What the operator makes for a firewall, as it makes it. */
const { rights, deployment } = compileFunction({
  owner: ownerOf(edge),
  needs: functionKinds.Firewall.needs(edge.spec),
  image: 'localhost/heddle/firewall:dev',
  paths: [],
});

/**
 * The chart on an API server without controllers: what installs, and what is refused there. `npm run test:kubernetes`
 * runs it on the oldest Kubernetes that docs/install.md names.
 */
describe('the chart on an API server', needs(findMissing(['ip']) ?? missingApiServer()), () => {
  let api: ApiServer;
  const invalid = readCorpus('invalid');
  const valid = readCorpus('valid');

  /** Runs kubectl in the namespace; returns what it was refused for. */
  const attempt = async (...args: readonly string[]): Promise<string> => {
    const kubectl = join(binaries().directory, 'kubectl');
    const command = [kubectl, '--kubeconfig', api.kubeconfig, '-n', SHOP, ...args];
    const result = await execa('ip', ['netns', 'exec', NETNS, ...command], {
      reject: false,
      stdin: 'ignore',
    });
    return result.exitCode === 0 ? ACCEPTED : result.stderr;
  };
  const userOf = (account: string, namespace = SHOP) => `system:serviceaccount:${namespace}:${account}`;
  const tryAs = async (user: string, ...objects: readonly Created[]): Promise<readonly string[]> =>
    createAll(api, objects, { namespace: SHOP, user });
  /** Creates objects as the administrator, or as somebody else. */
  const make = async (objects: readonly Created[], namespace = SHOP, user?: string): Promise<void> => {
    const answers = await createAll(api, objects, { namespace, keep: true, ...(user ? { user } : {}) });
    expect(answers).toEqual(objects.map(() => ACCEPTED));
  };
  const owner = userOf('owner');
  const operator = userOf('heddle-operator', systemNamespace);

  beforeAll(async () => {
    await run('ip', 'netns', 'add', NETNS);
    await run('ip', '-n', NETNS, 'link', 'set', 'lo', 'up');
    api = await startApiServer(NETNS, { authorization: 'RBAC' });
    for (const name of [systemNamespace, SHOP]) await api.kubectl('create', 'namespace', name);
    const helm = join(binaries().directory, 'helm');
    const chart = ['heddle', join(ROOT, 'charts/heddle'), '--namespace', systemNamespace, '--no-hooks'];
    const { stdout } = await execa(helm, ['template', ...chart, '--set', 'image.registry=localhost/heddle']);
    await api.apply(stdout);
    await api.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    const rbac = (name: string, kind: string, role: string): string[] => [
      ...['-n', SHOP, 'create', 'rolebinding', name, `--${kind}=${role}`, `--serviceaccount=${SHOP}:${name}`],
    ];
    // All rights in its own namespace, as owners of namespaces have in many clusters.
    await api.kubectl(...rbac('owner', 'clusterrole', 'cluster-admin'));
    await api.kubectl(...rbac('writer', 'clusterrole', 'heddle-edit-customfunctions'));
    const pods = ['--verb=*', '--resource=pods,pods/exec'];
    await api.kubectl('-n', SHOP, 'create', 'role', 'debugger', ...pods);
    await api.kubectl(...rbac('debugger', 'role', 'debugger'));
  }, 240_000);

  afterAll(async () => {
    await api?.close();
    await run('ip', 'netns', 'del', NETNS);
  });

  test('has all definitions established, with nothing to complain about', async () => {
    interface Installed {
      readonly metadata: { readonly name: string };
      readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
    }
    const { items } = JSON.parse(await api.kubectl('get', 'crd', '-o', 'json')) as {
      readonly items: readonly Installed[];
    };
    const own = (await readCrds()).map(({ metadata }) => metadata.name);
    expect(items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(own));
    for (const { metadata, status } of items) {
      const conditions = status.conditions.map((each) => `${each.type} ${each.status}`).sort();
      expect(conditions, metadata.name).toEqual(['Established True', 'NamesAccepted True']);
    }
  });

  const judge = (files: readonly CorpusFile[]): Promise<readonly string[]> =>
    createAll(
      api,
      files.map(({ manifest }) => manifest),
      { namespace: SHOP },
    );

  test('accepts every valid manifest', async () => {
    const answers = await judge(valid);
    for (const [index, { name }] of valid.entries()) expect(answers[index], name).toBe(ACCEPTED);
  });

  test('refuses every invalid manifest with a message that names the field', async () => {
    const answers = await judge(invalid);
    for (const [index, file] of invalid.entries()) {
      expect(answers[index], file.name).toContain(file.expect.field);
      expect(answers[index], file.name).toContain(file.expect.message);
    }
  });

  test('holds owners of a namespace to what they may write', async () => {
    const port = valid.find(({ manifest }) => manifest.kind === 'Port')!.manifest;
    const wishes = [
      podOf('plain'),
      deploymentOf({ spec: bare }),
      podOf('forged', bare, marked),
      deploymentOf({ spec: bare, metadata: marked }),
      port,
    ];
    expect(await tryAs(owner, ...wishes)).toEqual([
      ACCEPTED,
      ACCEPTED,
      expect.stringContaining('only Deployments of Heddle make'),
      expect.stringContaining('only the operator makes pods of functions'),
      expect.stringContaining('written by its operator and agents only'),
    ]);
  });

  test('holds the pods beside functions to the level baseline', async () => {
    await api.kubectl('label', 'namespace', SHOP, 'heddle.dev/pod-security=baseline');
    const [container] = bare.containers;
    const privileged = { containers: [{ ...container, securityContext: { privileged: true } }] };
    expect(await tryAs(owner, podOf('plain'), podOf('wild', privileged))).toEqual([
      ACCEPTED,
      expect.stringContaining('privileged containers: web'),
    ]);
    await make([podOf('heddle-firewall-edge-0')]);
    const entered = await attempt(`--as=${userOf('debugger')}`, 'exec', 'heddle-firewall-edge-0', '--', 'ls');
    expect(entered).toContain('right to create CustomFunctions');
    await api.kubectl('label', 'namespace', SHOP, 'heddle.dev/pod-security-');
  });

  test('gives a CustomFunction no Secret that its writer may not read', async () => {
    const functionWith = (spec: object): Created => ({
      apiVersion: 'heddle.dev/v1alpha1',
      kind: 'CustomFunction',
      metadata: { name: 'mine' },
      spec: { image: 'none.invalid/never-pulled', ...spec },
    });
    const secret = { env: [{ name: 'A', secretKeyRef: { name: 'db', key: 'password' } }] };
    expect(await tryAs(userOf('writer'), functionWith({}), functionWith(secret))).toEqual([
      ACCEPTED,
      expect.stringContaining('may not get the Secret db'),
    ]);
    expect(await tryAs(owner, functionWith(secret))).toEqual([ACCEPTED]);
  });

  test('lets the operator write what it makes, and nothing else', async () => {
    await make([...rights, deployment], SHOP, operator);
    const { spec } = deployment as unknown as { readonly spec: { readonly template: { spec: object } } };
    const template = { ...spec.template, spec: { ...spec.template.spec, hostPID: true } };
    const wild: Created = { ...deployment, spec: { ...spec, template } };
    const foreign = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' } };
    expect(await tryAs(operator, wild, foreign)).toEqual([
      expect.stringContaining('no pods with'),
      expect.stringContaining('configmaps web is none'),
    ]);
    await make([podOf('web')]);
    const annotate = [`--as=${operator}`, 'annotate', '--dry-run=server', 'pod', 'web'];
    expect(await attempt(...annotate, 'k8s.v1.cni.cncf.io/network-status=[]')).toBe(ACCEPTED);
    expect(await attempt(...annotate, 'a=b')).toContain('the operator writes the annotation');
  });

  test('lets an agent write the report of its own node only', async () => {
    const spec = { ...bare, serviceAccountName: 'heddle-agent', nodeName: 'here' };
    const apiVersion = 'internal.heddle.dev/v1alpha1';
    const reports = ['here', 'there'].map((name) => ({ apiVersion, kind: 'NodeReport', metadata: { name } }));
    await make([podOf('agent', spec), ...reports], systemNamespace);
    const system = ['-n', systemNamespace];
    const bound = ['--bound-object-kind=Pod', '--bound-object-name=agent'];
    const token = (await api.kubectl(...system, 'create', 'token', 'heddle-agent', ...bound)).trim();
    const patch = (node: string): Promise<string> =>
      attempt(
        ...[...system, `--token=${token}`, 'patch', 'nodereports.internal.heddle.dev', node],
        ...['--subresource=status', '--type=merge', '-p', '{"status":{}}'],
      );
    expect(await patch('here')).toBe(ACCEPTED);
    expect(await patch('there')).toContain('the agent of node here may not write the NodeReport of there');
  });
});
