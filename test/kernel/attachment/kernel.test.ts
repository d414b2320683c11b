// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { KernelError } from '../../../agent/kernel/error.ts';
import type { Kernel } from '../../../agent/kernel/kernel.ts';
import type { MapEntries } from '../../../agent/kernel/protocol.ts';
import {
  createVeth,
  createVxlanExternal,
  deleteLink,
  getLink,
  parseLink,
  setLink,
  stopAddressGeneration,
} from '../../../agent/kernel/rtnetlink/link.ts';
import { parseMac } from '../../../api/net/mac.ts';
import { type Ground, openGround, runIn } from './ground.ts';
import { describeOnKernel } from './ready.ts';

/** `count` entries whose keys and values are made by number. */
function entriesOf(count: number, sizes: { key: number; value: number }): MapEntries {
  const keys = Buffer.alloc(count * sizes.key);
  const values = Buffer.alloc(count * sizes.value);
  for (let index = 0; index < count; index += 1) {
    keys.writeUInt32LE(index, index * sizes.key);
    values.writeUInt32LE(index * 7, index * sizes.value);
  }
  return { keys, values, count };
}

/** Values by key, whatever the order of a dump. */
function byKey(entries: MapEntries, sizes: { key: number; value: number }): Map<string, string> {
  const hex = (bytes: Uint8Array, size: number, index: number) =>
    Buffer.from(bytes.subarray(index * size, (index + 1) * size)).toString('hex');
  return new Map(
    Array.from({ length: entries.count }, (_, index) => [
      hex(entries.keys, sizes.key, index),
      hex(entries.values, sizes.value, index),
    ]),
  );
}

function childrenOfThisProcess(): number[] {
  return readdirSync('/proc/self/task')
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' '))
    .filter((pid) => pid !== '')
    .map(Number);
}

describeOnKernel('the kernel process', () => {
  let ground: Ground;
  let kernel: Kernel;
  const map = (name: string) => `${ground.mapsDir}/${name}`;

  beforeAll(() => {
    ground = openGround();
    kernel = ground.kernel;
  });
  afterAll(() => ground?.close());

  it('tells sizes and type of a map', async () => {
    expect(await kernel.mapInfo({ path: map('wires') })).toMatchObject({
      name: 'wires',
      keySize: 8,
      valueSize: 16,
      maxEntries: 4096,
    });
  });

  it('reads back what was written in one batch: hash, LRU hash and longest-prefix map', async () => {
    const cases = [
      { name: 'wires', sizes: { key: 8, value: 16 }, count: 4096 },
      { name: 'flows', sizes: { key: 8, value: 8 }, count: 9000 },
    ];
    for (const { name, sizes, count } of cases) {
      const entries = entriesOf(count, sizes);
      await kernel.mapUpdate({ path: map(name), entries });
      expect(byKey(await kernel.mapDump({ path: map(name) }), sizes)).toEqual(byKey(entries, sizes));
      expect(await kernel.mapCount({ path: map(name) })).toBe(count);
      expect(await kernel.mapDelete({ path: map(name), keys: entries.keys, count })).toBe(count);
      expect((await kernel.mapDump({ path: map(name) })).count).toBe(0);
    }
    const sizes = { key: 8, value: 4 };
    const prefixes = entriesOf(200, sizes);
    const keys = new DataView(prefixes.keys.buffer, prefixes.keys.byteOffset);
    for (let index = 0; index < 200; index += 1) {
      keys.setUint32(index * 8, 32, true);
      keys.setUint32(index * 8 + 4, index + 1, true);
    }
    await kernel.mapUpdate({ path: map('prefixes'), entries: prefixes });
    expect(byKey(await kernel.mapDump({ path: map('prefixes') }), sizes)).toEqual(byKey(prefixes, sizes));
  });

  it('writes and reads a map type that has no batches', async () => {
    const keys = Buffer.alloc(8);
    const values = Buffer.alloc(8);
    keys.writeUInt32LE(3, 0);
    keys.writeUInt32LE(5, 4);
    const lo = 1;
    values.writeUInt32LE(lo, 0);
    values.writeUInt32LE(lo, 4);
    await kernel.mapUpdate({ path: map('devices'), entries: { keys, values, count: 2 } });
    const dump = await kernel.mapDump({ path: map('devices') });
    expect([...byKey(dump, { key: 4, value: 4 }).keys()].sort()).toEqual(['03000000', '05000000']);
    const key = Buffer.from('03000000', 'hex');
    expect(await kernel.mapDelete({ path: map('devices'), keys: key, count: 1 })).toBe(1);
    expect(await kernel.mapLookup({ path: map('devices'), key })).toBeUndefined();
  });

  it('gives one value for each possible CPU of a per-CPU map', async () => {
    const value = await kernel.mapLookup({ path: map('frames'), key: Buffer.alloc(4) });
    expect(value?.length).toBe(8 * (await kernel.possibleCpus({})));
    expect((await kernel.mapDump({ path: map('frames') })).count).toBe(2);
  });

  it('counts only keys that were there as deleted', async () => {
    const sizes = { key: 8, value: 8 };
    await kernel.mapUpdate({ path: map('flows'), entries: entriesOf(1, sizes) });
    expect(await kernel.mapDelete({ path: map('flows'), keys: entriesOf(3, sizes).keys, count: 3 })).toBe(1);
  });

  it('refuses entries of a wrong size instead of reading past them', async () => {
    const entries = { keys: Buffer.alloc(7), values: Buffer.alloc(16), count: 1 };
    await expect(kernel.mapUpdate({ path: map('wires'), entries })).rejects.toThrow(
      /8 bytes \(8 each\), got 7/,
    );
  });

  it('names the error, and the map, when a map is full', async () => {
    const entries = entriesOf(4097, { key: 8, value: 16 });
    await expect(kernel.mapUpdate({ path: map('wires'), entries })).rejects.toMatchObject({
      code: 'E2BIG',
      message: expect.stringContaining('/wires'),
    });
    await kernel.mapDelete({ path: map('wires'), keys: entries.keys, count: entries.count });
  });

  it('runs a program on one packet, with its context', async () => {
    const progPath = `${ground.progsDir}/fn_egress`;
    const dataIn = Buffer.alloc(64, 1);
    const ctxIn = Buffer.alloc(192);
    ctxIn.writeUInt32LE(0x80000007, 8);
    const sent = await kernel.progTestRun({ progPath, dataIn, ctxIn });
    expect(sent.retval).toBe(0);
    expect(Buffer.from(sent.dataOut.subarray(0, 6)).toString('hex')).toBe('0a00a0000007');
    const dropped = await kernel.progTestRun({ progPath, dataIn, repeat: 10 });
    expect(dropped.retval).toBe(2);
  });

  it("says the kernel's own sentence about a request that it refuses", async () => {
    const mac = parseMac('02:00:00:00:00:01');
    const vxlan = createVxlanExternal({ name: 'xxx', mac, mtu: 20, port: 4790 });
    const error = await kernel.netlink({ messages: [vxlan] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({ code: 'EINVAL', operation: 'netlink' });
    expect(String(error)).toMatch(/new link: EINVAL \(.*mtu.*\)/i);
  });

  it('makes one VXLAN device for IPv4 and IPv6, which learns nothing', async () => {
    const vxlan = createVxlanExternal({
      name: 'heddle',
      mac: parseMac('02:00:00:00:00:01'),
      mtu: 1450,
      port: 4799,
    });
    await kernel.netlink({
      messages: [vxlan, stopAddressGeneration({ name: 'heddle' }), setLink({ name: 'heddle' }, { up: true })],
    });
    const shown = runIn(ground.nodeNetns, ['ip', '-d', 'link', 'show', 'heddle']);
    expect(shown).toMatch(/vxlan external.* dstport 4799 nolearning/);
    expect(runIn(ground.nodeNetns, ['ss', '-Hlun'])).toMatch(/0\.0\.0\.0:4799/);
    expect(runIn(ground.nodeNetns, ['ss', '-Hlun'])).toMatch(/(\[::\]|\*):4799/);
    const [answer] = await kernel.netlink({ messages: [getLink({ name: 'heddle' })] });
    expect(parseLink(answer![0]!)).toMatchObject({ kind: 'vxlan', mtu: 1450, up: true });
  });

  it('pins a program to a device, replaces it in one step, and tells when the device is gone', async () => {
    await kernel.netlink({
      messages: [
        createVeth({
          host: { name: 'link0', mac: parseMac('02:00:00:00:00:02'), mtu: 1450 },
          peer: { name: 'peer0', mac: parseMac('02:00:00:00:00:03'), mtu: 1450 },
          peerNetns: ground.addNetns('link'),
        }),
      ],
    });
    const [answer] = await kernel.netlink({ messages: [getLink({ name: 'link0' })] });
    const ifindex = parseLink(answer![0]!).index;
    const pinPath = `${ground.linksDir}/link0`;
    const [first, second] = [`${ground.progsDir}/pod_ingress`, `${ground.progsDir}/fn_ingress`];
    expect(await kernel.linkInfo({ pinPath })).toBeUndefined();
    await kernel.linkCreate({ ifindex, attachType: 'tcxIngress', progPath: first, pinPath });
    const created = await kernel.linkInfo({ pinPath });
    expect(created).toMatchObject({ ifindex, attachType: 'tcxIngress' });
    expect(created?.progId).toBe((await kernel.progInfo({ path: first })).id);
    await kernel.linkUpdate({ pinPath, progPath: second });
    const updated = await kernel.linkInfo({ pinPath });
    expect(updated).toMatchObject({ id: created?.id, progId: (await kernel.progInfo({ path: second })).id });
    await kernel.netlink({ messages: [deleteLink({ name: 'link0' })] });
    expect(await kernel.linkInfo({ pinPath })).toMatchObject({ ifindex: 0 });
    expect(await kernel.unlink({ path: pinPath })).toBe(true);
    expect(await kernel.objPinExists({ path: pinPath })).toBe(false);
  });

  it('writes a switch in the namespace that was asked for, and only when it differs', async () => {
    const netns = ground.addNetns('sysctl');
    const path = 'net/ipv4/ip_forward';
    const other = runIn(ground.nodeNetns, ['cat', `/proc/sys/${path}`]);
    const value = runIn(netns, ['cat', `/proc/sys/${path}`]).trim() === '1' ? '0' : '1';
    expect(await kernel.sysctl({ netns, entries: [{ path, value }] })).toBe(1);
    expect(await kernel.sysctl({ netns, entries: [{ path, value }] })).toBe(0);
    expect(runIn(netns, ['cat', `/proc/sys/${path}`]).trim()).toBe(value);
    expect(runIn(ground.nodeNetns, ['cat', `/proc/sys/${path}`])).toBe(other);
  });

  it('tells namespaces apart by inode, and a path that is none', async () => {
    const one = await kernel.netnsInode({ path: ground.addNetns('one') });
    const two = await kernel.netnsInode({ path: ground.addNetns('two') });
    expect(one).not.toBe(two);
    expect(await kernel.netnsInode({ path: '/etc/hostname' })).toBeUndefined();
    expect(await kernel.netnsInode({ path: '/run/netns/none-of-ours' })).toBeUndefined();
  });

  it('rejects pending calls with a clear error when it dies, and serves the next call', async () => {
    const before = childrenOfThisProcess();
    const own = ground.startKernel();
    await own.possibleCpus({});
    const [pid] = childrenOfThisProcess().filter((child) => !before.includes(child));
    process.kill(pid!, 'SIGSTOP');
    const lost = own.mapDump({ path: map('flows') });
    process.kill(pid!, 'SIGKILL');
    await expect(lost).rejects.toThrow(/kernel process was lost: it ended \(SIGKILL\)/);
    expect(await own.possibleCpus({})).toBeGreaterThan(0);
  });
});
