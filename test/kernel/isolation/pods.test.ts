// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTACKS, type Target } from './attacks.ts';
import { FORGED_ERRORS, forgeError } from './forged-errors.ts';
import {
  ATTACKER,
  addressOf,
  FAMILIES,
  type Family,
  frame,
  type Ground,
  type Host,
  Mouth,
  makeGround,
  packet,
  VICTIMS,
} from './ground.ts';
import { POISON } from './poison.ts';

let ground: Ground;
let mouth: Mouth;
beforeAll(async () => {
  ground = await makeGround();
  mouth = new Mouth(ground.world, ATTACKER);
}, 180_000);
afterAll(async () => {
  await mouth?.close();
  await ground?.close();
});

const matrix = FAMILIES.flatMap((family) =>
  VICTIMS.flatMap((victim) =>
    [...ATTACKS, ...FORGED_ERRORS, ...POISON[family]].map(([name, build, reason]) => ({
      family,
      ...victim,
      name,
      build,
      reason,
    })),
  ),
);

const targetOf = (family: Family, host: Host): Target => ({
  family,
  host,
  own: ground.pods.red[1].mac,
  peer: ground.pods.red[host].mac,
  other: ground.pods.blue[host].mac,
  nodeIp: ground.world.nodeIp(host === 2 ? 'one' : 'two'),
});

// security.md: pod-spoofs-address, pod-leaves-network, pod-forges-context, pod-poisons-neighbours, pod-forges-icmp-errors
describe('what a pod sends', () => {
  test.each(matrix)(
    'with $name to somebody $place, over IPv$family, reaches nobody and is counted',
    async ({ family, host, build, reason }) => {
      const bytes = build(targetOf(family, host));
      const reasons = await ground.dropped('one', async () => {
        await mouth.say(bytes);
        expect(await ground.heard()).toEqual([]);
      });
      // A pod's kernel asks for routers at any time: that is dropped as well.
      expect(reasons.filter((each) => each === reason || each !== 'multicast')).toEqual([reason]);
    },
  );

  test.each(FAMILIES.flatMap((family) => VICTIMS.map((victim) => ({ family, ...victim }))))(
    'to the hardware address of the other tenant’s pod $place reaches its own tenant’s, over IPv$family',
    async ({ family, host }) => {
      const { own, other } = targetOf(family, host);
      await mouth.say(
        frame(family, packet(family, { destination: addressOf(family, host) }), {
          source: own,
          destination: other,
        }),
      );
      expect(await ground.heard()).toEqual([`red${host}`]);
    },
  );

  test.each(FAMILIES.flatMap((family) => VICTIMS.map((victim) => ({ family, ...victim }))))(
    'and honestly, reaches the pod $place of its own tenant alone, over IPv$family',
    async ({ family, host }) => {
      const { own, peer } = targetOf(family, host);
      await mouth.say(
        frame(family, packet(family, { destination: addressOf(family, host) }), {
          source: own,
          destination: peer,
        }),
      );
      expect(await ground.heard()).toEqual([`red${host}`]);
    },
  );

  test.each(FAMILIES.flatMap((family) => VICTIMS.map((victim) => ({ family, ...victim }))))(
    'about a packet that it was sent, by an ICMP error, reaches the sender $place, over IPv$family',
    async ({ family, host }) => {
      const quoted = { source: addressOf(family, host), destination: addressOf(family, 1) };
      await mouth.say(forgeError(targetOf(family, host), 'unreachable', quoted));
      await mouth.say(forgeError(targetOf(family, host), 'mtu', quoted));
      expect(await ground.heard()).toEqual([`red${host}`]);
    },
  );
});
