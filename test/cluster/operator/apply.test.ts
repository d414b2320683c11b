// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { chainWorldOf } from './world.ts';

const world = chainWorldOf(useNamespace('apply'), usePhantomNode());

interface Deployment {
  readonly metadata: {
    readonly uid: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: {
        readonly nodeSelector?: object;
        readonly containers: readonly { readonly image: string }[];
      };
    };
  };
  readonly apiVersion: string;
  readonly kind: string;
}

const deployment = (name: string) =>
  get<Deployment & { metadata: { name: string } }>('deployment', `heddle-firewall-${name}`, world.namespace);
const deploymentExists = (name: string) => eventually(`the Deployment of ${name}`, () => deployment(name));
const peersOf = async () => world.names('configmaps', 'app.kubernetes.io/name=heddle');

test('an edit of rules touches no pod: neither the Deployment nor its template changes', async () => {
  await world.firewall('edge', { replicas: 0, rules: [{ name: 'web', action: 'Accept' }] });
  await deploymentExists('edge');
  await eventually('the status speaks of it', async () => {
    return (await world.readFirewall('edge')).status?.observedGeneration === 1;
  });
  const before = await deployment('edge');
  await world.firewall('edge', {
    replicas: 0,
    defaultAction: 'Accept',
    rules: [
      { name: 'web', action: 'Drop', protocol: 'TCP', destinationPorts: [80] },
      { name: 'staff', action: 'Accept', source: { podSelector: { matchLabels: { role: 'staff' } } } },
    ],
  });
  await eventually('the status speaks of the edit', async () => {
    const { status } = await world.readFirewall('edge');
    return status?.observedGeneration === 2 && status.rules?.length === 2;
  });
  await eventually('the peers are there', async () => (await peersOf()).length === 1);
  expect(await deployment('edge')).toMatchObject({
    metadata: { uid: before.metadata.uid, generation: before.metadata.generation },
    spec: before.spec,
  });
});

test('peers that no rule asks for any more are removed', async () => {
  expect(await peersOf()).toEqual(['heddle-firewall-edge-peers']);
  await world.firewall('edge', { replicas: 0, rules: [] });
  await eventually('the peers are gone', async () => (await peersOf()).length === 0);
});

test('fields that people add to a Deployment stay, our fields are restored, and fields that we no longer set are removed', async () => {
  const pod = { nodeSelector: { zone: 'a' } };
  await world.firewall('inner', { replicas: 0, pod });
  await eventually('the node selector is there', async () => {
    return (await deployment('inner')).spec.template.spec.nodeSelector;
  });
  const name = 'deployment/heddle-firewall-inner';
  await kubectl(['annotate', name, 'example.org/mine=yes'], { namespace: world.namespace });
  const image = JSON.stringify({
    spec: { template: { spec: { containers: [{ name: 'firewall', image: 'other' }] } } },
  });
  await kubectl(['patch', name, '-p', image], { namespace: world.namespace });
  await eventually('the image is ours again', async () => {
    return (await deployment('inner')).spec.template.spec.containers[0]?.image !== 'other';
  });
  await world.firewall('inner', { replicas: 0, pod: {} });
  await eventually('the node selector is gone', async () => {
    return (await deployment('inner')).spec.template.spec.nodeSelector === undefined;
  });
  expect((await deployment('inner')).metadata.annotations).toMatchObject({ 'example.org/mine': 'yes' });
});

test('a Deployment that somebody deleted comes back', async () => {
  const { uid } = (await deployment('inner')).metadata;
  await kubectl(['delete', 'deployment', 'heddle-firewall-inner'], { namespace: world.namespace });
  await eventually('another is there', async () => (await deployment('inner')).metadata.uid !== uid);
});

test('more than 300 pods are in two slices; one pod more rewrites one of them; with no pods the second goes', async () => {
  const names = Array.from({ length: 310 }, (_, i) => `client-${i}`);
  const labels = { role: 'client' };
  await world.network('shop');
  await wide('client');
  await world.pods('shop', Object.fromEntries(names.map((name) => [name, labels])));
  await eventually('two slices', async () => (await sizes()).join() === '300,11');
  const before = await generations();
  await world.pods('shop', { 'client-more': labels });
  await eventually('one entry more', async () => (await sizes()).join() === '300,12');
  const after = await generations();
  expect(after[0]).toBe(before[0]);
  await wide('somebody-else');
  await eventually('one slice', async () => (await sizes()).join() === '1');
}, 600_000);

/** The chain from pods of a role to one block. */
async function wide(role: string): Promise<void> {
  await world.chain('wide', {
    network: 'shop',
    from: [{ podSelector: { matchLabels: { role } } }],
    to: [{ cidr: '192.0.2.0/24' }],
    functions: [{ kind: 'Firewall', name: 'edge' }],
  });
}

async function sizes(): Promise<number[]> {
  return (await world.slices('wide')).map(({ spec }) => {
    const { from, to } = spec;
    return [from.addresses, from.cidrs, to.addresses, to.cidrs].reduce((sum, l) => sum + (l?.length ?? 0), 0);
  });
}

async function generations(): Promise<(number | undefined)[]> {
  return (await world.slices('wide')).map(({ metadata }) => metadata.generation);
}
