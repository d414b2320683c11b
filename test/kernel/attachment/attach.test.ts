// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  attach,
  detach,
  ForeignInterfaceError,
  observeAttachments,
  upgradePrograms,
} from '../../../agent/apply/attachment.ts';
import type { Kernel } from '../../../agent/kernel/kernel.ts';
import { type Attachment, renderAttachment } from '../../../agent/render/attachment.ts';
import { type Ground, openGround, runIn } from './ground.ts';
import { networkPort, node, shop } from './ports.ts';
import { describeOnKernel } from './ready.ts';
import { countFrames, layWires } from './wires.ts';

let serial = 10;

describeOnKernel("a pod's interface", () => {
  let ground: Ground;

  /** A pod with a namespace of its own and two addresses. */
  function newPod(prefixes: readonly string[] = []): Attachment {
    serial += 1;
    return podIn(ground.addNetns(`pod-${serial}`), { number: serial, prefixes });
  }

  function podIn(netnsPath: string, pod: { number: number; prefixes?: readonly string[] }): Attachment {
    const { number, prefixes = [] } = pod;
    const port = networkPort({
      uid: `uid-${number}`,
      addresses: [`10.20.0.${number}`, `fd20::${number}`],
      mac: `06:00:00:00:00:${number}`,
    });
    return renderAttachment({ port, netnsPath, network: { ...shop, prefixes }, node });
  }

  const attachOn = (kernel: Kernel, attachment: Attachment, beforeUp?: (ifindex: number) => Promise<void>) =>
    attach({
      kernel,
      paths: ground,
      attachment,
      ...(beforeUp === undefined ? {} : { beforeUp }),
    });
  const show = (attachment: Attachment, ...args: string[]) => runIn(attachment.netnsPath, ['ip', ...args]);
  const ping = (from: Attachment, to: string, count = 1) =>
    runIn(from.netnsPath, ['ping', '-c', `${count}`, '-i', '0.2', '-W', '2', to]);
  /** Everything that an attachment decides, as the kernel tells it, without numbers that change by chance. */
  const stateOf = (attachment: Attachment) =>
    [
      show(attachment, '-o', 'addr', 'show', 'dev', 'net1'),
      show(attachment, '-o', '-d', 'link', 'show', 'dev', 'net1'),
      show(attachment, 'route', 'show', 'table', 'all', 'dev', 'net1'),
      show(attachment, '-6', 'route', 'show', 'table', 'all', 'dev', 'net1'),
      show(attachment, 'rule'),
      show(attachment, '-6', 'rule'),
      runIn(ground.nodeNetns, ['ip', '-o', '-d', 'link', 'show', attachment.hostName]),
    ]
      .join('\n')
      .replace(/(\d+: )?net1@if\d+/g, 'net1')
      .replace(new RegExp(`(\\d+: )?${attachment.hostName}@if\\d+`, 'g'), attachment.hostName)
      .replace(/\d+: net1/g, 'net1')
      .replace(/link-net\S+ \S+/g, '')
      // The link-local address becomes usable a moment after the interface: the kernel tells itself later.
      .replaceAll(' tentative', '');

  beforeAll(() => {
    ground = openGround();
  });
  afterAll(() => ground?.close());

  it('is there after one call, and a second call changes nothing', async () => {
    const pod = newPod(['10.99.0.0/24']);
    const first = await attachOn(ground.kernel, pod);
    expect(first.created).toBe(true);
    const state = stateOf(pod);
    expect(state).toContain('inet 10.20.0.11/16');
    expect(state).toContain('inet6 fd20::11/64');
    expect(state).toContain('mtu 1450');
    expect(show(pod, 'route', 'show', 'table', '7200').trim().split(/ *\n/)).toEqual([
      expect.stringMatching(/^10\.20\.0\.0\/16 dev net1 proto 72 scope link src 10\.20\.0\.11 metric \d+$/),
      expect.stringMatching(/^10\.99\.0\.0\/24 dev net1 proto 72 scope link src 10\.20\.0\.11 metric \d+$/),
    ]);
    expect(show(pod, 'route')).toBe('');
    const second = await attachOn(ground.kernel, pod);
    expect(second).toEqual({ hostIfindex: first.hostIfindex, created: false });
    expect(stateOf(pod)).toBe(state);
  });

  it('has a host side without addresses that tells whose it is', async () => {
    const pod = newPod();
    const { hostIfindex } = await attachOn(ground.kernel, pod);
    expect(runIn(ground.nodeNetns, ['ip', 'addr', 'show', pod.hostName])).not.toContain('inet');
    expect(await observeAttachments(ground.kernel)).toContainEqual({
      hostName: pod.hostName,
      hostIfindex,
      podUid: pod.podUid,
      interface: 'net1',
      up: true,
    });
  });

  it('carries IPv4 and IPv6 to another pod once the data path knows both, and nothing before', async () => {
    const [one, two] = [newPod(), newPod()];
    const [a, b] = [await attachOn(ground.kernel, one), await attachOn(ground.kernel, two)];
    const before = await countFrames(ground);
    expect(() => ping(one, '10.20.0.14')).toThrow();
    const dropped = await countFrames(ground);
    expect(dropped.sent).toBe(before.sent);
    expect(dropped.dropped).toBeGreaterThan(before.dropped);
    await layWires(ground, [
      { from: a.hostIfindex, to: b.hostIfindex },
      { from: b.hostIfindex, to: a.hostIfindex },
    ]);
    // The first try has left a neighbour that failed: the kernel asks again within a second.
    expect(ping(one, '10.20.0.14', 10)).toMatch(/[1-9]\d* received/);
    expect(ping(one, 'fd20::14', 10)).toMatch(/[1-9]\d* received/);
  });

  it('is not set up when writing its data path entry fails, and is set up at the next call', async () => {
    const pod = newPod();
    const refuse = () => Promise.reject(new Error('map is full'));
    await expect(attachOn(ground.kernel, pod, refuse)).rejects.toThrow('map is full');
    expect(show(pod, '-br', 'link', 'show', 'net1')).toContain('DOWN');
    expect(runIn(ground.nodeNetns, ['ip', '-br', 'link', 'show', pod.hostName])).toContain('DOWN');
    await attachOn(ground.kernel, pod);
    expect(show(pod, '-br', 'link', 'show', 'net1')).toMatch(/UP/);
  });

  it('has its program before any of its links is up', async () => {
    const pod = newPod();
    await attachOn(ground.kernel, pod, async (hostIfindex) => {
      expect(hostIfindex).toBeGreaterThan(0);
      expect(programOn(pod)).toMatch(/pod_ingress direct-action/);
      expect(show(pod, '-br', 'link', 'show', 'net1')).toContain('DOWN');
    });
  });

  it('ends up the same after a death at any step', async () => {
    const reference = newPod();
    await attachOn(ground.kernel, reference);
    const plain = (text: string, pod: Attachment) =>
      text.replaceAll(pod.hostName, 'HOST').replaceAll(pod.podUid, 'UID');
    for (let step = 0; ; step += 1) {
      const netns = ground.addNetns(`death-${step}`);
      // The same pod as the reference, elsewhere: what is compared must not depend on its name.
      const pod = { ...reference, netnsPath: netns, hostName: `hd${String(step).padStart(12, '0')}` };
      const { kernel, died } = dyingAfter(ground.kernel, step);
      const outcome = await attachOn(kernel, pod).catch((error: Error) => error);
      await attachOn(ground.kernel, pod);
      expect(plain(stateOf(pod), pod), `death at step ${step}`).toBe(plain(stateOf(reference), reference));
      await detach({ kernel: ground.kernel, hostName: pod.hostName });
      if (!died()) {
        expect(outcome).not.toBeInstanceOf(Error);
        expect(step).toBeGreaterThan(6);
        return;
      }
    }
  });

  it('moves to the new sandbox of a pod whose first one failed', async () => {
    const first = newPod();
    await attachOn(ground.kernel, first);
    const second = podIn(ground.addNetns('again'), { number: serial });
    expect(second.hostName).toBe(first.hostName);
    const { created } = await attachOn(ground.kernel, second);
    expect(created).toBe(true);
    expect(() => show(first, 'link', 'show', 'net1')).toThrow();
    expect(stateOf(second)).toContain(`10.20.0.${serial}/16`);
  });

  it('is refused when the pod has an interface of that name from someone else, which is left alone', async () => {
    const pod = newPod();
    show(pod, 'link', 'add', 'net1', 'type', 'bridge');
    await expect(attachOn(ground.kernel, pod)).rejects.toThrow(ForeignInterfaceError);
    expect(show(pod, '-d', 'link', 'show', 'net1')).toContain('bridge');
    const names = (await observeAttachments(ground.kernel)).map(({ hostName }) => hostName);
    expect(names).not.toContain(pod.hostName);
  });

  it('is mended: address, MAC, MTU, routes and state that someone changed', async () => {
    const pod = newPod(['10.99.0.0/24']);
    await attachOn(ground.kernel, pod);
    const state = stateOf(pod);
    show(pod, 'addr', 'add', '10.20.0.250/16', 'dev', 'net1');
    show(pod, 'addr', 'del', `fd20::${serial}/64`, 'dev', 'net1');
    show(pod, 'route', 'del', '10.99.0.0/24', 'table', '7200');
    show(pod, 'rule', 'del', 'pref', '100');
    show(pod, 'link', 'set', 'net1', 'mtu', '1300', 'address', '06:00:00:00:ff:ff');
    runIn(ground.nodeNetns, ['ip', 'link', 'set', pod.hostName, 'down']);
    await attachOn(ground.kernel, pod);
    expect(lines(stateOf(pod))).toEqual(lines(state));
  });

  it("leaves routes alone that are not Heddle's", async () => {
    const pod = newPod();
    await attachOn(ground.kernel, pod);
    show(pod, 'route', 'add', '10.77.0.0/16', 'dev', 'net1');
    await attachOn(ground.kernel, pod);
    expect(show(pod, 'route')).toContain('10.77.0.0/16');
  });

  it('follows prefixes that come and go while it runs', async () => {
    const pod = newPod();
    await attachOn(ground.kernel, pod);
    const routes = (...family: string[]) => show(pod, ...family, 'route', 'show', 'table', '7200');
    await attachOn(
      ground.kernel,
      podIn(pod.netnsPath, { number: serial, prefixes: ['10.99.0.0/24', 'fd99::/64'] }),
    );
    expect(routes()).toContain('10.99.0.0/24');
    expect(routes('-6')).toContain('fd99::/64');
    await attachOn(ground.kernel, pod);
    expect(routes()).not.toContain('10.99.0.0/24');
    expect(routes('-6')).not.toContain('fd99::/64');
    expect(routes()).toContain('10.20.0.0/16');
  });

  it('is made once when hook, list and watch ask for it at the same moment', async () => {
    const pod = newPod();
    const results = await Promise.all([1, 2, 3].map(() => attachOn(ground.kernel, pod)));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(results.map(({ hostIfindex }) => hostIfindex)).size).toBe(1);
  });

  it('keeps forwarding while the agent is away, and through a change of its programs', async () => {
    const [one, two] = [newPod(), newPod()];
    const away = ground.startKernel();
    const [a, b] = [await attachOn(away, one), await attachOn(away, two)];
    await layWires(ground, [
      { from: a.hostIfindex, to: b.hostIfindex },
      { from: b.hostIfindex, to: a.hostIfindex },
    ]);
    await away.close();
    expect(ping(one, `10.20.0.${serial}`, 2)).toContain('2 received');
    const idOf = (text: string) => / id (\d+) /.exec(text)?.[1];
    const before = idOf(programOn(one));
    const releases = [ground.loadAgain('progs-2'), ground.progsDir];
    const pinging = promisify(execFile)('nsenter', [
      `--net=${one.netnsPath}`,
      ...['ping', '-q', '-c', '200', '-i', '0.005', '-W', '2', `10.20.0.${serial}`],
    ]);
    for (let change = 0; change < 11; change += 1) {
      await upgradePrograms(ground.kernel, releases[change % 2]!);
    }
    expect((await pinging).stdout).toContain('200 received');
    expect(Number(idOf(programOn(one)))).toBeGreaterThan(Number(before));
    expect(programOn(one).match(/ id /g)).toHaveLength(1);
  });

  it('is removed when detaching returns, and detaching again is no error', async () => {
    const pod = newPod();
    await attachOn(ground.kernel, pod);
    await detach({ kernel: ground.kernel, hostName: pod.hostName });
    expect(() => show(pod, 'link', 'show', 'net1')).toThrow();
    expect(await namesOnNode()).not.toContain(pod.hostName);
    await detach({ kernel: ground.kernel, hostName: pod.hostName });
  });

  it('leaves nothing on the node when its namespace just vanished', async () => {
    const netnsPath = ground.addNetns('brief');
    const pod = podIn(netnsPath, { number: 99 });
    await attachOn(ground.kernel, pod);
    ground.deleteNetns('brief');
    await expect.poll(() => namesOnNode(), { timeout: 5000 }).not.toContain(pod.hostName);
  });

  const programOn = (pod: Attachment) =>
    runIn(ground.nodeNetns, ['tc', 'filter', 'show', 'dev', pod.hostName, 'ingress']);
  const namesOnNode = async () => (await observeAttachments(ground.kernel)).map(({ hostName }) => hostName);
});

/** IPv6 lists newest first, so a mended state has the same lines in another order. */
function lines(text: string): string[] {
  return text.split('\n').sort();
}

/** A kernel that stops answering after a number of calls, as one whose process was killed. */
function dyingAfter(kernel: Kernel, calls: number): { kernel: Kernel; died: () => boolean } {
  let left = calls;
  let hasDied = false;
  const dying = new Proxy(kernel, {
    get(target, name, receiver) {
      const operation: unknown = Reflect.get(target, name, receiver);
      if (typeof operation !== 'function') return operation;
      return (...args: unknown[]) => {
        if (left <= 0) {
          hasDied = true;
          return Promise.reject(new Error('killed'));
        }
        left -= 1;
        return Reflect.apply(operation, target, args);
      };
    },
  });
  return { kernel: dying, died: () => hasDied };
}
