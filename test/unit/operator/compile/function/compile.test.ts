// SPDX-License-Identifier: Apache-2.0
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { functionLabelOf, objectNameOf, selectedPodsNameOf } from '../../../../../api/function-names.ts';
import type { Firewall } from '../../../../../api/index.ts';
import { compileFunction } from '../../../../../operator/compile/function/compile.ts';
import { functionKinds } from '../../../../../operator/compile/function/kinds.ts';
import { compileSelectedPods } from '../../../../../operator/compile/function/selected-pods.ts';
import { ownerOf } from '../../../../../operator/compile/workload/types.ts';
import { observePaths } from '../../../../../operator/controllers/function/snapshot.ts';
import { readWorld } from '../../read-world.ts';

const stores = readWorld(new URL('golden/edge.input.yaml', import.meta.url));
const edge = stores.firewalls.get('shop/edge')!;

function compile(firewall: Firewall) {
  const owner = ownerOf(firewall);
  return compileFunction({
    owner,
    needs: functionKinds.Firewall.needs(firewall.spec),
    image: 'registry/heddle/firewall:1',
    paths: observePaths(stores, owner),
  });
}

const withSpec = (change: Partial<Firewall['spec']>): Firewall => ({
  ...edge,
  spec: { ...edge.spec, ...change },
});

describe('what is made for a firewall', () => {
  test('edge: rights for itself and its ConfigMaps alone, its selected pods by path, and its Deployment', async () => {
    const { rights, selectedPods, deployment } = compile(edge);
    const map = selectedPods.kind === 'ConfigMap' ? selectedPods.object : undefined;
    const text = [...rights, map, deployment].map((object) => dump(object, { noRefs: true, lineWidth: 110 }));
    await expect(text.join('---\n')).toMatchFileSnapshot('golden/edge.output.yaml');
  });

  test('has the same pods after an edit of rules, sets or the default', () => {
    const edited = withSpec({ rules: [], sets: [], defaultAction: 'Accept', stateful: false });
    expect(compile(edited).deployment).toEqual(compile(edge).deployment);
  });

  test('keeps its pods when only their number changes', () => {
    const { deployment } = compile(withSpec({ replicas: 5 }));
    expect(deployment.spec.replicas).toBe(5);
    expect(deployment.spec.template).toEqual(compile(edge).deployment.spec.template);
  });

  test('has no ConfigMap of pods when no rule selects pods', () => {
    expect(compile(withSpec({ rules: [] })).selectedPods).toEqual({ kind: 'None' });
  });

  test('has selected pods that are too large for a ConfigMap reported, not cut', () => {
    const members = Array.from({ length: 60_000 }, (_, i) => ({
      port: `shop/p${i}`,
      node: 'n',
      addresses: [`10.200.${i >> 8}.${i & 255}`, `fd20::${i.toString(16)}`],
      prefixes: [],
      namespace: 'shop',
      podLabels: {},
      namespaceLabels: {},
    }));
    const paths = [{ pathId: 1, vni: 1, position: 0, members }];
    const selectedPods = compileSelectedPods({
      owner: ownerOf(edge),
      selectors: [{ podSelector: {} }],
      paths,
    });
    expect(selectedPods).toMatchObject({ kind: 'TooLarge' });
  });
});

describe('names of a function', () => {
  const long = 'a-very-long-name-of-a-firewall-that-somebody-thought-of-on-a-long-winter-night';

  test('are readable while they fit', () => {
    expect(objectNameOf('Firewall', 'edge')).toBe('heddle-firewall-edge');
    expect(selectedPodsNameOf('Firewall', 'edge')).toBe('heddle-firewall-edge-peers');
    expect(functionLabelOf('Firewall', 'edge')).toBe('firewall.edge');
  });

  test('leave room for the names of ReplicaSets and pods, and differ when only their ends do', () => {
    const [one, two] = [objectNameOf('Firewall', `${long}-1`), objectNameOf('Firewall', `${long}-2`)];
    expect(one).toMatch(/^heddle-firewall-a-very-long-name[a-z0-9-]*[a-z0-9]$/);
    expect(one.length).toBeLessThanOrEqual(46);
    expect(one).not.toBe(two);
  });

  test('fit into a label', () => {
    const value = functionLabelOf('Firewall', long);
    expect(value.length).toBeLessThanOrEqual(63);
    expect(value).toMatch(/^firewall\.a-very-long[a-z0-9.-]*[a-z0-9]$/);
  });
});
