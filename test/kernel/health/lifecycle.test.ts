// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decodeInstance, INSTANCE_F_DOWN } from '../../../agent/render/generated/layout.ts';
import { encodeU32 } from '../../../agent/render/scalar.ts';
import { Bed, FAR } from './bed.ts';
import { Flows } from './flows.ts';
import { childrenOf } from './processes.ts';

describe('health over the lives of agents and instances', () => {
  let bed: Bed;
  let flows: Flows;

  beforeAll(async () => {
    bed = await Bed.create();
    flows = await Flows.start({ from: bed.client, address: FAR, firstPort: 20_000, count: 8 });
    await sleep(100);
  }, 60_000);
  afterAll(async () => {
    flows?.stop();
    await bed?.close();
  });

  const isDownInKernel = async (name: string) => {
    const key = Buffer.from(encodeU32(bed.idOf(name)));
    const entry = (await bed.world.dumpMap('one', 'instances')).find((each) => key.equals(each.key));
    return (decodeInstance(entry!.value).flags & INSTANCE_F_DOWN) !== 0;
  };
  const lostMs = async (work: () => Promise<unknown>, ms: number) => {
    const since = await flows.now();
    await work();
    await sleep(ms);
    return Math.max(...(await flows.losses(since)).map(({ lost }) => lost)) * 10;
  };

  test('metrics tell of each instance whether it is up and how long its probes take, and which nodes answer', async () => {
    const sample = async (name: string, labels: string) => {
      const line = (await bed.world.metrics('one'))
        .split('\n')
        .find((each) => each.startsWith(`${name}{${labels}}`));
      return Number(line?.split(' ')[1]);
    };
    const a1 = 'function="test/Firewall/edge",pod="test/a1"';
    expect(await sample('heddle_instance_up', a1)).toBe(1);
    expect(await sample('heddle_node_reachable', 'node="two"')).toBe(1);
    for (const family of ['ipv4', 'ipv6']) {
      const labels = `${a1},family="${family}"`;
      const before = await sample('heddle_probes_answered_total', labels);
      await sleep(500);
      const answered = (await sample('heddle_probes_answered_total', labels)) - before;
      expect(answered).toBeGreaterThan(4);
      expect(answered).toBeLessThan(15);
      const last = await sample('heddle_probe_latency_seconds', labels);
      expect(last).toBeGreaterThan(0);
      expect(last).toBeLessThan(0.05);
    }
    await bed.block('a1');
    await bed.waitForHealth('one', { down: [bed.idOf('a1')] });
    expect(await sample('heddle_instance_up', a1)).toBe(0);
    await bed.unblock('a1');
    await bed.waitForHealth('one', { down: [] });
  });

  test('an agent that ends and comes back takes nothing out of use', async () => {
    expect(await lostMs(() => bed.world.restartAgent('one'), 400)).toBe(0);
    expect((await bed.world.health('one')).down).toEqual([]);
  });

  test('an instance that was down when the agent ended stays so until it has forwarded for a second', async () => {
    await bed.block('a2');
    await bed.waitForHealth('one', { down: [bed.idOf('a2')] });
    await bed.unblock('a2');
    await bed.world.restartAgent('one');
    expect((await bed.world.health('one')).down).toEqual([bed.idOf('a2')]);
    expect(await isDownInKernel('a2')).toBe(true);
    expect(await bed.waitForHealth('one', { down: [] })).toBeGreaterThan(800);
    await sleep(50);
    expect(await isDownInKernel('a2')).toBe(false);
  });

  test('one that died while no agent was there is found', async () => {
    const restart = bed.world.restartAgent('one');
    await bed.block('a2');
    await restart;
    await bed.waitForHealth('one', { down: [bed.idOf('a2')] }, 1000);
    await bed.unblock('a2');
    await bed.waitForHealth('one', { down: [] });
  });

  test("probes go on when the kernel's process is killed, and what dies afterwards is found", async () => {
    const lost = await lostMs(async () => {
      for (const pid of await childrenOf(bed.world.agentPid('one'))) process.kill(pid, 'SIGKILL');
    }, 600);
    expect(lost).toBe(0);
    expect((await bed.world.health('one')).down).toEqual([]);
    expect(await lostMs(() => bed.block('a1'), 500)).toBeLessThan(300);
    await bed.unblock('a1');
    await bed.waitForHealth('one', { down: [] });
  });

  test("an agent that is frozen takes nothing out of use, nor does its kernel's process that was", async () => {
    const agent = bed.world.agentPid('one');
    const pids = [agent, ...(await childrenOf(agent))];
    const lost = await lostMs(async () => {
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await sleep(1500);
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }, 500);
    expect(lost).toBe(0);
    expect((await bed.world.health('one')).down).toEqual([]);
  });

  test('a new instance takes no flow before its first answers, and some afterwards', async () => {
    await bed.addMember({ name: 'a3', node: 'one' });
    await bed.block('a3');
    const startFlows = (firstPort: number) =>
      Flows.start({ from: bed.client, address: FAR, firstPort, count: 32 });
    const throughNew = async () => (await bed.placements(['a3'])).size;
    const early = await startFlows(25_000);
    expect(await lostMs(() => bed.chain([{ instances: ['a1', 'a2', 'a3', 'b1'] }]), 200)).toBe(0);
    expect(Math.max(...(await early.losses(0)).map(({ lost }) => lost))).toBe(0);
    await bed.unblock('a3');
    await bed.waitForHealth('one', { down: [] });
    expect(await throughNew()).toBe(0); // nobody moves
    const late = await startFlows(26_000);
    await vi.waitFor(async () => expect(await throughNew()).toBeGreaterThan(0), { timeout: 3000 });
    for (const each of [early, late]) each.stop();
  });

  test('without the device of the probes nothing is taken out of use, and it is told; an agent makes it anew', async () => {
    expect((await bed.world.health('one')).failure).toBe('');
    const lost = await lostMs(() => bed.world.exec('one', ['ip', 'link', 'del', 'heddle-probe0']), 500);
    expect(lost).toBe(0);
    const { down, failure } = await bed.world.health('one');
    expect(down).toEqual([]);
    expect(failure).not.toBe('');
    await bed.world.restartAgent('one');
    expect((await bed.world.health('one')).failure).toBe('');
    await bed.block('a1');
    await bed.waitForHealth('one', { down: [bed.idOf('a1')] });
    await bed.unblock('a1');
    await bed.waitForHealth('one', { down: [] });
  });
});
