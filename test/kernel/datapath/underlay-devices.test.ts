// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { World } from '../world/world.ts';
import { Others } from './other.ts';

// Programs at the underlay's devices beside those of others, and devices that come, go and change while the agent runs.

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;
const NODES = ['one', 'two'] as const;
const POD = '10.20.0.3';

let world: World;
let others: Others;
beforeAll(async () => {
  others = await Others.create();
  world = await World.create({ nodes: NODES, objectFile, probeIntervalMs: 300 });
  await world.addNetwork({ name: 'shop', vni: 4097, subnets: ['10.20.0.0/16'] });
  await world.addPod({ name: 'a', node: 'one', network: 'shop', addresses: ['10.20.0.1'] });
  await world.addPod({ name: 'c', node: 'two', network: 'shop', addresses: [POD] });
}, 120_000);
afterAll(async () => {
  await world?.close();
  await others?.close();
});

const ping = (address = POD) => world.exec('a', ['ping', '-c', '5', '-i', '0.02', '-W', '2', address]);
const ALL = '5 received';

/** What a ping adds to these counts of a node. */
async function changeOf(count: () => Promise<number>, work: () => Promise<unknown> = ping): Promise<number> {
  const before = await count();
  await work();
  return (await count()) - before;
}

/** The kernel detaches a program, and counts a packet that is under way, a moment later. */
const PATIENCE = { timeout: 20_000, interval: 100 };
const expectAll = () => vi.waitFor(async () => expect(await ping()).toContain(ALL), PATIENCE);
const expectNone = (count: () => Promise<number>) =>
  vi.waitFor(async () => expect(await changeOf(count)).toBe(0), PATIENCE);
const expectDropped = () =>
  vi.waitFor(
    async () => expect(await world.try('a', ['ping', '-c', '2', '-i', '0.02', '-W', '1', POD])).toBe(false),
    PATIENCE,
  );

/** Packets that the VXLAN device of a node has given to our program. */
const byDevice = (node: string) => async () => {
  const shown = await world.exec(node, ['ip', '-j', '-s', 'link', 'show', 'heddle0']);
  const [link] = JSON.parse(shown) as [{ readonly stats64: { readonly rx: { readonly packets: number } } }];
  return link.stats64.rx.packets;
};

/** Starts the agent of node `two` anew, so that its program comes behind the one that `attach` attaches. */
async function comeBehind(attach: () => Promise<void>): Promise<void> {
  await world.endAgent('two');
  await world.forgetPrograms('two');
  await attach();
  await world.startAgent('two');
}

describe('a program of somebody else at the device', () => {
  test('before ours sees and counts the packets of other nodes, and ours takes them', async () => {
    await comeBehind(() => others.attach(world, { name: 'before', node: 'two', verdict: 'next' }));
    const vxlan = async () => (await others.seen('before')).vxlan;
    expect(await changeOf(vxlan)).toBeGreaterThanOrEqual(5);
    await expectNone(byDevice('two'));
    await expectAll();
  });

  test('behind ours sees what is not ours, and none of the packets of other nodes', async () => {
    await others.attach(world, { name: 'behind', node: 'two', verdict: 'next' });
    const before = await others.seen('behind');
    await expectAll();
    expect(await world.exec('one', ['ping', '-c', '5', '-i', '0.02', world.nodeIp('two')])).toContain(ALL);
    const after = await others.seen('behind');
    expect(after.vxlan - before.vxlan).toBe(0);
    expect(after.rest - before.rest).toBeGreaterThanOrEqual(5);
    await others.detach('behind');
  });

  test('at the egress sees what our programs send, and its verdict counts', async () => {
    const egress = { node: 'one', attachType: 'tcxEgress' } as const;
    await others.attach(world, { ...egress, name: 'out', verdict: 'next' });
    expect(await changeOf(async () => (await others.seen('out')).vxlan)).toBeGreaterThanOrEqual(5);
    await others.detach('out');
    await others.attach(world, { ...egress, name: 'stop', verdict: 'drop' });
    await expectDropped();
    await others.detach('stop');
    await expectAll();
  });

  test('before ours may pass packets by all others: the VXLAN device takes them then', async () => {
    await others.detach('before');
    await comeBehind(() => others.attach(world, { name: 'passes', node: 'two', verdict: 'pass' }));
    expect(await changeOf(byDevice('two'))).toBeGreaterThanOrEqual(5);
    await expectAll();
    await others.detach('passes');
    await expectNone(byDevice('two'));
  });

  test('before ours may drop them: a filter at the device is not bypassed', async () => {
    await comeBehind(() => others.attach(world, { name: 'drops', node: 'two', verdict: 'drop' }));
    await expectDropped();
    await others.detach('drops');
    await expectAll();
  });
});

describe('a device of the underlay', () => {
  const encapsulated = () => world.events('one', 'encapsulated');
  const leftToDevice = () => world.events('one', 'by_device');
  const macOf = async (device: string) =>
    (await world.exec('one', ['cat', `/sys/class/net/${device}/address`])).trim();
  const underlays = async () => (await world.dumpMap('one', 'underlays')).length;

  /** A second device of node `one`, by which its packets to node `two` leave, and by which those of `two` arrive. */
  async function addLater(): Promise<void> {
    const peer = ['peer', 'name', 'later', 'netns', world.netnsOf('underlay')];
    await world.exec('one', ['ip', 'link', 'add', 'later0', 'type', 'veth', ...peer]);
    await world.exec('underlay', ['ip', 'link', 'set', 'later', 'master', 'br0', 'up']);
    await world.exec('one', ['ip', 'link', 'set', 'later0', 'up']);
    const source = ['src', world.nodeIp('one')];
    await world.exec('one', ['ip', 'route', 'add', `${world.nodeIp('two')}/32`, 'dev', 'later0', ...source]);
    const neighbour = ['lladdr', await macOf('later0'), 'dev', 'eth0', 'nud', 'permanent'];
    await world.exec('two', ['ip', 'neigh', 'replace', world.nodeIp('one'), ...neighbour]);
  }

  test('that comes while the agent runs gets the programs, and one that goes is forgotten', async () => {
    await addLater();
    expect(await changeOf(leftToDevice)).toBeGreaterThanOrEqual(5);
    expect(await changeOf(byDevice('one'))).toBeGreaterThanOrEqual(5);
    await world.followUnderlay('one');
    await expectNone(leftToDevice);
    await expectNone(byDevice('one'));
    expect(await changeOf(encapsulated)).toBeGreaterThanOrEqual(5);
    expect(await underlays()).toBe(2);

    await world.exec('one', ['ip', 'link', 'del', 'later0']);
    await world.exec('two', ['ip', 'neigh', 'del', world.nodeIp('one'), 'dev', 'eth0']);
    await world.followUnderlay('one');
    expect(await underlays()).toBe(1);
    await expectAll();

    await addLater(); // the same name, another device
    await world.followUnderlay('one');
    await expectNone(byDevice('one'));
    expect(await changeOf(encapsulated)).toBeGreaterThanOrEqual(5);
    await world.exec('one', ['ip', 'link', 'del', 'later0']);
    await world.exec('two', ['ip', 'neigh', 'del', world.nodeIp('one'), 'dev', 'eth0']);
    await world.followUnderlay('one');
  });

  test('that is made of the one with the node’s address takes its place, with its rules and its MTU', async () => {
    expect((await world.followUnderlay('one')).mtu).toBe(1500);
    const address = `${world.nodeIp('one')}/24`;
    await world.exec('one', [
      'sh',
      '-ec',
      `ip link add br1 address ${await macOf('eth0')} type bridge; ip addr del ${address} dev eth0
      ip link set eth0 master br1; ip link set br1 mtu 1480 up; ip addr add ${address} dev br1`,
    ]);
    expect(await world.followUnderlay('one')).toMatchObject({ device: 'br1', mtu: 1480 });
    expect(await underlays()).toBe(1);
    await expectNone(byDevice('one'));
    expect(await changeOf(encapsulated)).toBeGreaterThanOrEqual(5);
    await expectAll();
    const rules = await world.exec('one', ['nft', 'list', 'chain', 'inet', 'heddle', 'received']);
    expect(rules).toContain('"br1"');
  });
});
