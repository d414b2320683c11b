// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, kubectl, tryKubectl } from '../../../tools/cluster/kubectl.ts';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { eventually, holds } from '../../../tools/cluster/wait.ts';
import { testPod, waitForPod } from '../../../tools/cluster/workloads.ts';
import { usePhantomNode } from '../network/phantom-node.ts';
import { worldOf } from '../network/world.ts';

// A guest of a shared network takes what it can get, and does not go (security.md: guest-exhausts-network).

const node = usePhantomNode();
const owner = useNamespace('owner');
const guests = useNamespace('guests');
const world = worldOf(owner, node);
const there = worldOf(guests, node);

const network = (name: string) => ({ kind: 'virtualnetwork', name, namespace: owner });

function share(name: string, third: number, attach: object): Promise<void> {
  return world.network(name, { subnets: [{ cidr: `10.63.${third}.0/24` }], attach });
}

describe('a guest', () => {
  test('that asks for most of the addresses of a network gets none of them', async () => {
    await share('small', 1, { namespaces: 'All', quota: { addressesPerNamespace: 2 } });
    const element = (first: number) => ({
      name: 'small',
      namespace: owner,
      ips: Array.from({ length: 16 }, (_, i) => `10.63.1.${first + i}`),
    });
    await there.pod('greedy', [10, 30, 50].map(element));
    expect(await there.remark('greedy', 'QuotaExceeded')).toMatch(/addresses there, and may have/);
    await there.pod('one', `${owner}/small`);
    await there.pod('two', `${owner}/small`);
    await Promise.all([there.acceptedPorts('one'), there.acceptedPorts('two')]);
    await there.pod('three', `${owner}/small`);
    const message = await there.remark('three', 'QuotaExceeded');
    expect(message).toContain(`namespace ${guests} would have 3 IPv4 addresses there, and may have 2`);
    await world.pod('own', 'small');
    await world.acceptedPorts('own');
    await there.remove('pod', 'one');
    await there.acceptedPorts('three');
    expect(await there.ports('greedy')).toEqual([]);
  });

  test('that its network no longer admits stays and is named in the status; it is removed when the network evicts guests', async () => {
    await share('club', 2, { namespaces: 'All' });
    await apply([testPod({ name: 'visitor', networks: `${owner}/club` })], guests);
    await waitForPod('visitor', guests);
    await waitForCondition(network('club'), 'Admitted');
    await share('club', 2, { namespaces: 'Same' });
    const stays = await waitForCondition(network('club'), 'Admitted', {
      status: 'False',
      reason: 'GuestsStay',
    });
    expect(JSON.stringify(stays.status?.conditions)).toContain(`pods ${guests}/visitor are of namespaces`);
    const link = () => exec('visitor', ['ip', 'link', 'show', 'net1'], { namespace: guests });
    expect((await link()).code).toBe(0);
    await share('club', 2, { namespaces: 'Same', evict: true });
    await eventually('the interface is gone', async () => (await link()).code !== 0);
    await eventually('the Port is gone', async () => (await there.ports('visitor')).length === 0);
    expect(await there.remark('visitor', 'Detached')).toContain('does not admit pods');
    await waitForCondition(network('club'), 'Admitted');
    expect((await exec('visitor', ['true'], { namespace: guests })).code).toBe(0);
  });

  test('does not hold back the deletion of a network for longer than the network waits', async () => {
    await share('ending', 3, { namespaces: 'All', leaveSeconds: 3600 });
    await apply([testPod({ name: 'last', networks: `${owner}/ending` })], guests);
    await waitForPod('last', guests);
    await world.remove('virtualnetwork', 'ending');
    const waiting = await waitForCondition(network('ending'), 'Ready', {
      status: 'False',
      reason: 'WaitingForPorts',
    });
    expect(JSON.stringify(waiting.status?.conditions)).toMatch(/pods of other namespaces are detached at/);
    await holds('the guest stays', async () => (await there.ports('last')).length === 1, { forMs: 1000 });
    const patch = JSON.stringify({ spec: { attach: { leaveSeconds: 1 } } });
    await kubectl(['patch', 'virtualnetwork', 'ending', '--type=merge', '-p', patch], { namespace: owner });
    await eventually('the network is gone', async () => {
      const { code, stderr } = await tryKubectl(['get', 'virtualnetwork', 'ending'], { namespace: owner });
      return code !== 0 && stderr.includes('NotFound');
    });
    expect(await there.remark('last', 'Detached')).toContain('is being deleted');
    expect((await exec('last', ['ip', 'link', 'show', 'net1'], { namespace: guests })).code).not.toBe(0);
  });
});
