// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { apply, kubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually } from '../../../tools/cluster/wait.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { boundPod } from '../network/world.ts';
import { chainWorldOf, heddleObject } from './world.ts';

const node = usePhantomNode();
const world = chainWorldOf(useNamespace('deletion'), node);

type Thing = 'virtualnetwork' | 'servicechain' | 'firewall' | 'pod';

const orders: readonly (readonly Thing[])[] = permutations([
  'virtualnetwork',
  'servicechain',
  'firewall',
  'pod',
]);

/** Kinds of which the operator makes objects for people's ones. */
const MADE = ['chainslices.internal.heddle.dev', 'ports.heddle.dev'] as const;
const MADE_FOR_FUNCTIONS = ['deployments', 'serviceaccounts', 'roles', 'rolebindings', 'configmaps'] as const;

test('a network, its pod, a chain and its firewall can be deleted in any order; nothing hangs and nothing is left behind', async () => {
  await apply(
    orders.flatMap((_order, n) => objectsOf(n)),
    world.namespace,
  );
  await eventually('all chains have their slices', async () => {
    return (await world.names('chainslices.internal.heddle.dev')).length === orders.length;
  });
  await eventually('all firewalls have their peers', async () => {
    return (await world.names('configmaps', 'app.kubernetes.io/name=heddle')).length === orders.length;
  });
  // Of each group the first thing, then of each the second: none waits until what was deleted before is gone.
  for (const place of [0, 1, 2, 3]) {
    const things = orders.map((order, n) => `${order[place]}/${nameOf(order[place]!, n)}`);
    await kubectl(['delete', '--wait=false', ...things], { namespace: world.namespace });
  }
  await eventually(
    'nothing is left',
    async () => {
      const left = await leftovers();
      if (left.length > 0) throw new Error(`left: ${left.slice(0, 10).join(', ')}`);
      return true;
    },
    { timeoutMs: 120_000, intervalMs: 1000 },
  );
});

test('a firewall of the same name may come again, and gets all of its own', async () => {
  await world.firewall('again', firewallSpec);
  await eventually('its Deployment is there', async () => (await world.names('deployments')).length === 1);
  await world.remove('firewall', 'again');
  await world.firewall('again', firewallSpec);
  const { uid } = (await world.readFirewall('again')).metadata;
  await eventually('all is owned by the new one', async () => {
    const owners = await ownersOfMade();
    return owners.length === MADE_FOR_FUNCTIONS.length && owners.every((owner) => owner === uid);
  });
  expect(await world.names('deployments')).toEqual(['heddle-firewall-again']);
});

const firewallSpec = {
  replicas: 0,
  rules: [{ name: 'r', action: 'Accept', source: { podSelector: {} } }],
};

/** A network, a firewall with peers, a chain through it and a pod on the network; nothing shared with others. */
function objectsOf(n: number): object[] {
  const [network, firewall, pod] = [nameOf('virtualnetwork', n), nameOf('firewall', n), nameOf('pod', n)];
  const functions = [{ kind: 'Firewall', name: firewall }];
  return [
    heddleObject('VirtualNetwork', network, { subnets: [{ cidr: '10.20.0.0/16' }] }),
    heddleObject('Firewall', firewall, firewallSpec),
    heddleObject('ServiceChain', nameOf('servicechain', n), { network, functions }),
    boundPod({ name: pod, node, networks: network }),
  ];
}

function nameOf(thing: Thing, n: number): string {
  return `${thing}-${n}`;
}

async function leftovers(): Promise<readonly string[]> {
  const people = ['virtualnetworks', 'servicechains', 'firewalls', 'pods'];
  const all = [...people.map((kind) => [kind] as const), ...MADE.map((kind) => [kind] as const)];
  const named = MADE_FOR_FUNCTIONS.map((kind) => [kind, 'app.kubernetes.io/name=heddle'] as const);
  const found = await Promise.all(
    [...all, ...named].map(async ([kind, selector]) => {
      return (await world.names(kind, selector)).map((name) => `${kind}/${name}`);
    }),
  );
  return found.flat();
}

async function ownersOfMade(): Promise<readonly (string | undefined)[]> {
  const selector = 'heddle.dev/function=firewall.again';
  const owners = await Promise.all(MADE_FOR_FUNCTIONS.map((kind) => world.owners(kind, selector)));
  return owners.flat();
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]),
  );
}
