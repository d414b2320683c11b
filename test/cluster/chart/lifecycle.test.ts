// SPDX-License-Identifier: Apache-2.0
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { chartFolder, helm, release } from '../../../tools/cluster/helm.ts';
import {
  apply,
  get,
  type KubeObject,
  kubectl,
  list,
  readTarget,
  tryKubectl,
} from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { serverScript, testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { onlyOurs } from '../resilience/nodes.ts';
import { nodeState } from './node-state.ts';

interface Crd extends KubeObject {
  readonly spec: { readonly versions: { additionalPrinterColumns?: readonly object[] }[] };
}

const folder = mkdtempSync(join(tmpdir(), 'heddle-chart-'));
const minutes = 60_000;
let values = '';

function install(chart: string): Promise<string> {
  return helm(['upgrade', release, chart, '--install', '--wait', '--timeout', '5m', '--values', values]);
}

/** The chart as an earlier release would have been: one of its kinds has no printer columns yet. */
function olderChart(): string {
  const chart = join(folder, 'older');
  // The chart's folder of CRDs is a link, which would be copied as a link: it is copied by itself.
  const crds = join(chartFolder, 'files/crds');
  cpSync(chartFolder, chart, { recursive: true, filter: (source) => source !== crds });
  cpSync(realpathSync(crds), join(chart, 'files/crds'), { recursive: true });
  const path = join(chart, 'files/crds/firewalls.yaml');
  const crd = load(readFileSync(path, 'utf8')) as Crd;
  for (const version of crd.spec.versions) delete version.additionalPrinterColumns;
  writeFileSync(path, dump(crd));
  return chart;
}

async function columnsOfFirewall(): Promise<number> {
  const crd = await get<Crd>('customresourcedefinition', 'firewalls.heddle.dev');
  return crd.spec.versions[0]?.additionalPrinterColumns?.length ?? 0;
}

// Another person's cluster keeps its networks: this removes Heddle, and brings it back.
describe('the chart on our own cluster', onlyOurs(), () => {
  const namespace = useNamespace('chart');

  beforeAll(async () => {
    values = join(folder, 'values.json');
    writeFileSync(values, await helm(['get', 'values', release, '--output', 'json']));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('an upgrade brings the CustomResourceDefinitions along', { timeout: 12 * minutes }, async () => {
    await install(olderChart());
    expect(await columnsOfFirewall()).toBe(0);
    await install(chartFolder);
    expect(await columnsOfFirewall()).toBeGreaterThan(0);
  });

  it('an uninstall leaves neither objects nor kernel state', { timeout: 15 * minutes }, async () => {
    await apply(networkWithChain, namespace);
    await apply([testPod({ name: 'web', networks: 'chart', script: serverScript([80]) })], namespace);
    await waitForPod('web', namespace);
    await waitForCondition({ kind: 'firewall', name: 'edge', namespace }, 'Ready', {
      timeoutMs: 3 * minutes,
    });
    const slices = () => list('endpointslices', { namespace, selector: 'app.kubernetes.io/name=heddle' });
    await eventually('the web server has a name', async () => (await slices()).length === 1);
    try {
      // Its hooks are waited for in any case. Not --wait: helm 4 takes a definition that is Terminating for an error,
      // where the API server only has to delete its objects first.
      await helm(['uninstall', release, '--timeout', '8m']);
      await expectNothingLeft(namespace);
      expect(await slices()).toEqual([]);
    } finally {
      await install(chartFolder);
    }
  });
});

const networkWithChain = `
apiVersion: heddle.dev/v1alpha1
kind: VirtualNetwork
metadata: {name: chart}
spec: {subnets: [{cidr: 10.77.0.0/24}]}
---
apiVersion: heddle.dev/v1alpha1
kind: Firewall
metadata: {name: edge}
spec: {}
---
apiVersion: heddle.dev/v1alpha1
kind: ServiceChain
metadata: {name: all}
spec: {network: chart, functions: [{kind: Firewall, name: edge}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {heddle.dev/network: chart, heddle.dev/pods: heddle.dev/test}}
spec: {clusterIP: None}
`;

async function expectNothingLeft(namespace: string): Promise<void> {
  const { system } = readTarget();
  await eventually('no definition of ours', async () => {
    const crds = await list('customresourcedefinitions');
    return !crds.some(({ metadata }) => metadata.name.endsWith('heddle.dev'));
  });
  for (const kind of ['clusterroles', 'clusterrolebindings']) {
    const found = await list(kind, { selector: 'app.kubernetes.io/name=heddle' });
    expect(
      found.map(({ metadata }) => metadata.name),
      kind,
    ).toEqual([]);
  }
  for (const kind of [
    'deployments',
    'daemonsets',
    'jobs',
    'pods',
    'leases',
    'roles',
    'rolebindings',
    'services',
  ]) {
    await eventually(
      `no ${kind} in ${system}`,
      async () => (await list(kind, { namespace: system })).length === 0,
    );
  }
  await eventually(`no pod of a function in ${namespace}`, async () => {
    const pods = await list('pods', { namespace, selector: 'app.kubernetes.io/component=function' });
    return pods.length === 0;
  });
  await kubectl(['get', 'pod', 'web'], { namespace });
  for (const [node, state] of await nodeState(namespace)) {
    expect(state, node).toEqual({ pins: [], devices: [], tables: [] });
  }
  await tryKubectl(['delete', 'pod', 'web'], { namespace });
}
