// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../../api/net/address.ts';
import { formatPrefix, prefixOf } from '../../../api/net/prefix.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, get, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { worldOf } from '../network/world.ts';

// The owner of a network that lets others in tries to lead the packets of its guests to itself: first those to the
// cluster's Services, among them its DNS.

const owner = useNamespace('owner');
const guests = useNamespace('guests');
const world = worldOf(owner, 'unused');

async function offer(cidrs: readonly string[], more: object = {}): Promise<void> {
  const subnets = cidrs.map((cidr) => ({ cidr }));
  await world.network('shared', { subnets, attach: { namespaces: 'All' }, ...more });
}

/** The destinations that a pod routes by its interface on the network. */
async function routesOf(pod: string, namespace: string): Promise<readonly string[]> {
  const { stdout, stderr, code } = await exec(
    pod,
    ['ip', '-4', 'route', 'show', 'table', '7200', 'dev', 'net1'],
    {
      namespace,
    },
  );
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(' ')[0] ?? '')
    .filter((destination) => destination !== '')
    .sort();
}

function routesAre(pod: string, namespace: string, wanted: readonly string[]): Promise<unknown> {
  return eventually(`pod ${pod} routes ${wanted.join(', ')}`, async () => {
    const routes = await routesOf(pod, namespace);
    if (routes.join() === [...wanted].sort().join()) return true;
    throw new Error(`it routes ${routes.join(', ')}`);
  });
}

/** Waits for an Event about the guest that names something. */
function guestIsTold(reason: string, what: string): Promise<unknown> {
  return eventually(`Event ${reason} with ${what}`, async () => {
    const events = await list<{ reason: string; message: string; involvedObject: { name: string } }>(
      'events',
      {
        namespace: guests,
      },
    );
    return events.some(
      ({ reason: why, message, involvedObject }) =>
        involvedObject.name === 'guest' && why === reason && message.includes(what),
    );
  });
}

describe('a guest of a network whose owner leads packets to itself (security.md: tenant-routes-guests)', () => {
  let services: string;

  beforeAll(async () => {
    const { spec } = await get<{ spec: { clusterIP: string } }>('service', 'kubernetes', 'default');
    services = formatPrefix(prefixOf(parseAddress(spec.clusterIP), 16));
    await offer(['10.60.0.0/24']);
    await apply([testPod({ name: 'guest', networks: `${owner}/shared` })], guests);
    await apply([testPod({ name: 'own', networks: 'shared' })], owner);
    await Promise.all([waitForPod('guest', guests), waitForPod('own', owner)]);
    await routesAre('guest', guests, ['10.60.0.0/24']);
  });

  test('does not route the cluster’s Services there, nor what came after it had joined, and is told', async () => {
    await offer(['10.60.0.0/24', '10.61.0.0/24', services]);
    const network = { kind: 'virtualnetwork', name: 'shared', namespace: owner };
    const refused = await waitForCondition(network, 'Routed', { status: 'False', reason: 'OverlapsCluster' });
    expect(JSON.stringify(refused.status?.conditions)).toContain(`${services} overlaps`);
    await routesAre('own', owner, ['10.60.0.0/24', '10.61.0.0/24']);
    await guestIsTold('RoutesNotAccepted', '10.61.0.0/24');
    const unchanged = async () => (await routesOf('guest', guests)).join() === '10.60.0.0/24';
    await holds('the guest keeps its routes', unchanged, { forMs: 1500 });
  });

  test('does not route what stands behind a pod of the network either, such as a VPN', async () => {
    const [port] = await world.ports('own');
    const patch = JSON.stringify({ spec: { prefixes: ['10.62.0.0/24'] } });
    await kubectl(['patch', 'ports.heddle.dev', port!.metadata.name, '--type=merge', '-p', patch], {
      namespace: owner,
    });
    await guestIsTold('RoutesNotAccepted', '10.62.0.0/24');
    expect(await routesOf('guest', guests)).toEqual(['10.60.0.0/24']);
  });

  test('routes what it accepts, and never the cluster’s Services unless the network asks for them', async () => {
    await kubectl(['annotate', 'pod', 'guest', 'heddle.dev/accept-routes=all'], { namespace: guests });
    const accepted = ['10.60.0.0/24', '10.61.0.0/24', '10.62.0.0/24'];
    await routesAre('guest', guests, accepted);
    await guestIsTold('RoutesChanged', '10.61.0.0/24');
    await offer(['10.60.0.0/24', '10.61.0.0/24', services], { routes: { clusterRanges: 'Allow' } });
    await routesAre('guest', guests, [...accepted, services]);
    await guestIsTold('RoutesChanged', `${services} added`);
    await kubectl(['annotate', 'pod', 'guest', 'heddle.dev/accept-routes-'], { namespace: guests });
    await routesAre('guest', guests, ['10.60.0.0/24']);
    await guestIsTold('RoutesChanged', 'removed');
    expect(await routesOf('own', owner)).toContain(services);
  });
});
