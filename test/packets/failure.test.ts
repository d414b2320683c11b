// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HopPlan } from '../kernel/world/resources.ts';
import type { PacketBench } from './bench.ts';
import { mac, ports } from './frame.ts';
import {
  answer,
  chain,
  DROP,
  destinationOf,
  FAMILIES,
  frame,
  INSTANCE,
  MAC,
  packet,
  REDIRECT,
  startBench,
  toInstance,
  VNI,
} from './ground.ts';

const PATH = 7;
type Name = 'near' | 'far' | 'stranger';
/** The hops of the chain, first to last. */
const NAMES = ['near', 'far', 'stranger'] as const satisfies readonly Name[];
type Failure = 'Open' | 'Closed';

let bench: PacketBench;
beforeAll(async () => {
  bench = await startBench([]);
});
afterAll(() => bench?.close());

/** What a packet meets on its way: an instance, a closed gate, or its destination. */
type Fate = Name | 'dropped' | 'delivered';

/** The contract, said again: hops in the packet's order, open ones that are down are skipped. */
function fateOf(
  order: readonly Name[],
  down: readonly Name[],
  failure: Readonly<Record<Name, Failure>>,
): Fate {
  for (const name of order) {
    if (!down.includes(name)) return name;
    if (failure[name] === 'Closed') return 'dropped';
  }
  return 'delivered';
}

const failures: readonly Readonly<Record<Name, Failure>>[] = [
  { near: 'Closed', far: 'Closed', stranger: 'Closed' },
  { near: 'Open', far: 'Open', stranger: 'Open' },
  { near: 'Open', far: 'Closed', stranger: 'Open' },
  { near: 'Closed', far: 'Open', stranger: 'Closed' },
];
const subsets: readonly (readonly Name[])[] = [
  [],
  ['near'],
  ['far'],
  ['stranger'],
  ['near', 'far'],
  ['near', 'stranger'],
  ['far', 'stranger'],
  ['near', 'far', 'stranger'],
];
const cases = failures.flatMap((failure) => subsets.map((down) => ({ failure, down })));

const write = (failure: Readonly<Record<Name, Failure>>) => {
  const hops = NAMES.map((instance): HopPlan => ({ instance, onFailure: failure[instance] }));
  return bench.setNetwork({ vni: VNI, chains: [chain({ pathId: PATH, hops })] });
};

// security.md: pod-evades-down-chain
describe.each(cases)(
  'hops that fail $failure.near, $failure.far, $failure.stranger with $down down',
  ({ failure, down }) => {
    const forward = fateOf(NAMES, down, failure);
    const back = fateOf([...NAMES].reverse(), down, failure);

    const check = async (fate: Fate, way: { port: 'client' | 'server'; bytes: Buffer; reply: boolean }) => {
      const {
        action,
        frame: out,
        dropped,
      } = await bench.run('pod_ingress', { port: way.port, frame: way.bytes });
      if (fate === 'dropped') {
        expect({ action, dropped }).toEqual({ action: DROP, dropped: ['hop_down'] });
        return;
      }
      expect({ action, dropped }).toEqual({ action: REDIRECT, dropped: [] });
      const peer = way.reply ? MAC.client : MAC.server;
      expect(destinationOf(out)).toEqual(
        fate === 'delivered'
          ? mac(peer)
          : toInstance({
              path: PATH,
              position: NAMES.indexOf(fate),
              reply: way.reply,
              instance: INSTANCE[fate].id,
            }),
      );
    };
    const check4And6 = async (source: number) => {
      for (const family of FAMILIES) {
        const request = frame(family, packet(family, { payload: ports(source, 53) }));
        const reply = frame(family, answer(family, { payload: ports(53, source) }), { source: MAC.server });
        await check(forward, { port: 'client', bytes: request, reply: false });
        await check(back, { port: 'server', bytes: reply, reply: true });
      }
    };

    test('a packet meets the first that is up or closed, in both directions', async () => {
      await bench.setDown([]);
      await write(failure);
      for (const family of FAMILIES) {
        const request = frame(family, packet(family, { payload: ports(1000, 53) }));
        await check('near', { port: 'client', bytes: request, reply: false });
      }
      await bench.setDown(down.map((name) => INSTANCE[name].id));
      // At once, by the flag of the instance alone; and when the paths were written again.
      await check4And6(1000);
      await write(failure);
      await check4And6(1000);
      await check4And6(2000);
      await bench.setDown([]);
      await write(failure);
    });
  },
);

test('a packet that a closed gate drops is counted at its hop', async () => {
  await write({ near: 'Open', far: 'Closed', stranger: 'Open' });
  await bench.setDown([INSTANCE.near.id, INSTANCE.far.id]);
  const bytes = frame(4, packet(4, { payload: ports(3000, 53) }));
  expect((await bench.run('pod_ingress', { port: 'client', frame: bytes })).dropped).toEqual(['hop_down']);
  expect(await bench.hopDrops()).toContainEqual({ path: PATH, position: 1, reason: 'hop_down' });
});
