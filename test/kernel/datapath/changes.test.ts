// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../packets/until.ts';
import { World } from '../world/world.ts';

const objectFile = new URL('../../../dist/heddle.bpf.o', import.meta.url).pathname;

describe('what changes under way', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.create({ nodes: ['one', 'two'], objectFile, probeIntervalMs: 300 });
    await world.addNetwork({ name: 'red', vni: 4097, subnets: ['10.20.0.0/16'] });
    await world.addPod({ name: 'a', node: 'one', network: 'red', addresses: ['10.20.0.1'] });
    await world.addPod({ name: 'b', node: 'two', network: 'red', addresses: ['10.20.0.2'] });
    await world.addInstance({ name: 'f', node: 'two', id: 1 });
    await world.setChains([
      {
        name: 'x',
        network: 'red',
        pathId: 3,
        from: { any: false, addresses: ['10.20.0.1'] },
        to: { any: true },
        hops: ['f'],
      },
    ]);
  }, 90_000);
  afterAll(() => world?.close());

  test('an agent that dies and another that takes over lose no packet of a flow through a chain', async () => {
    // The world has just been made: its first packets may be on their way before every node has it.
    await until(() => world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.2']));
    const flood = world.spawn('a', ['ping', '-i', '0.01', '10.20.0.2']);
    const answered: number[] = [];
    createInterface({ input: flood.stdout }).on('line', (line) => {
      const number = /icmp_seq=(\d+) ttl=/.exec(line)?.[1];
      if (number !== undefined) answered.push(Number(number));
    });
    const answersGoOn = async () => {
      const wanted = answered.length + 30;
      await until(async () => answered.length >= wanted);
    };
    await answersGoOn();
    await world.restartAgent('one');
    await answersGoOn();
    await world.restartAgent('two');
    await answersGoOn();
    flood.kill('SIGINT');
    await flood;
    // What was under way in the end is behind the last answer.
    expect(answered).toEqual(answered.map((_, index) => index + 1));
  });

  test('a pod that left is unknown at once, and its address can be another pod', async () => {
    const reaches = () => world.try('a', ['ping', '-c', '1', '-W', '1', '10.20.0.5']);
    await world.addPod({ name: 'e', node: 'two', network: 'red', addresses: ['10.20.0.5'] });
    expect(await reaches()).toBe(true);
    await world.removePod('e');
    expect(await reaches()).toBe(false);
    await world.addPod({ name: 'g', node: 'one', network: 'red', addresses: ['10.20.0.5'] });
    await world.exec('a', ['ip', 'neigh', 'flush', 'all']);
    expect(await reaches()).toBe(true);
  });
});
