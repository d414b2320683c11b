// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceMac } from '../../../api/context/context.ts';
import { formatMac } from '../../../api/net/mac.ts';
import {
  addressOf,
  FAMILIES,
  frame,
  fromInstance,
  type Ground,
  INSTANCE,
  Mouth,
  makeGround,
  PATH,
  packet,
  toInstance,
  VICTIMS,
} from './ground.ts';

// A function that was broken into may send any frame at all: it is root of its namespace, so it can go round the
// program there. What the host's side takes from it is the host's to say.

let ground: Ground;
let mouths: Readonly<Record<'stranger' | 'firewall', Mouth>>;
beforeAll(async () => {
  ground = await makeGround();
  const around = { device: 'chain0', mark: -1 };
  mouths = {
    stranger: new Mouth(ground.world, 'stranger', around),
    firewall: new Mouth(ground.world, 'firewall', around),
  };
}, 180_000);
afterAll(async () => {
  for (const mouth of Object.values(mouths ?? {})) await mouth.close();
  await ground?.close();
});

const macOf = (instance: number) => formatMac(instanceMac(instance));
const context = (path: number, position = 0, instance = 0) => toInstance({ path, position, instance });
const { firewall, stranger } = INSTANCE;

interface Forgery {
  readonly by: 'stranger' | 'firewall';
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly reason: string;
}

const forgeries: readonly Forgery[] = [
  {
    by: 'stranger',
    name: 'a path that its function is not on',
    source: macOf(stranger),
    destination: context(PATH.blue),
    reason: 'wrong_context',
  },
  {
    by: 'stranger',
    name: 'a path that its function is not on, and the firewall’s id',
    source: macOf(stranger),
    destination: context(PATH.blue, 0, firewall),
    reason: 'wrong_context',
  },
  {
    by: 'stranger',
    name: 'the firewall’s hardware address',
    source: macOf(firewall),
    destination: context(PATH.blue),
    reason: 'spoofed_mac',
  },
  {
    by: 'stranger',
    name: 'the hardware address of what comes from the firewall',
    source: fromInstance({ path: PATH.blue, position: 0, instance: firewall }),
    destination: context(PATH.blue),
    reason: 'spoofed_mac',
  },
  {
    by: 'stranger',
    name: 'a path that nobody has',
    source: macOf(stranger),
    destination: context(9),
    reason: 'unknown_path',
  },
  {
    by: 'stranger',
    name: 'a pod’s hardware address instead of a context',
    source: macOf(stranger),
    destination: '06:00:00:00:00:03',
    reason: 'no_context',
  },
  {
    by: 'firewall',
    name: 'a position behind its path’s end',
    source: macOf(firewall),
    destination: context(PATH.blue, 1),
    reason: 'wrong_context',
  },
];

const matrix = FAMILIES.flatMap((family) =>
  VICTIMS.flatMap((victim) => forgeries.map((forgery) => ({ family, ...victim, ...forgery }))),
);

// security.md: function-forges-context
test.each(matrix)(
  'an instance ($by) that says $name, to somebody $place over IPv$family, reaches nobody and is counted',
  async ({ family, host, by, source, destination, reason }) => {
    const bytes = frame(family, packet(family, { destination: addressOf(family, host) }), {
      source,
      destination,
    });
    const reasons = await ground.dropped('one', async () => {
      await mouths[by].say(bytes);
      expect(await ground.heard()).toEqual([]);
    });
    expect(reasons.filter((each) => each === reason || each !== 'multicast')).toEqual([reason]);
  },
);

describe.each(FAMILIES)('a function that serves both tenants, over IPv%i', (family) => {
  test.each(['red', 'blue'] as const)('reaches of a path of %s only that tenant’s pods', async (tenant) => {
    const bytes = frame(family, packet(family, { source: addressOf(family, 2) }), {
      source: macOf(firewall),
      destination: context(PATH[tenant]),
    });
    await mouths.firewall.say(bytes);
    expect(await ground.heard()).toEqual([`${tenant}3`]);
  });

  test('makes no probe of another instance look answered (security.md: function-answers-probes)', async () => {
    const answered = async () =>
      new Map(
        (await ground.world.dumpMap('one', 'probes')).map(({ key, value }) => [
          Buffer.from(key).toString('hex'),
          Buffer.from(value).readUInt32LE(0),
        ]),
      );
    const before = await answered();
    const payload = Buffer.alloc(28);
    payload.writeUInt32LE(0x7fffffff);
    const probe = packet(family, {
      payload: Buffer.concat([Buffer.from([0, 9, 0, 9, 0, 36, 0, 0]), payload]),
      protocol: 17,
    });
    await mouths.stranger.say(
      frame(family, probe, {
        source: macOf(stranger),
        destination: toInstance({ path: 0, position: 0, isProbe: true, instance: firewall }),
      }),
    );
    await ground.heard();
    const after = await answered();
    const forged = [...after]
      .filter(([, round]) => round === 0x7fffffff)
      .map(([key]) => Buffer.from(key, 'hex').readUInt32LE(0));
    // Of itself alone, where its agent probes this family at all.
    expect(forged.filter((instance) => instance !== stranger)).toEqual([]);
    expect([...after.keys()]).toEqual([...before.keys()]);
  });
});
