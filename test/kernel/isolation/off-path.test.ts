// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceMac } from '../../../api/context/context.ts';
import { formatMac } from '../../../api/net/mac.ts';
import { PROTOCOL, ports } from '../../packets/frame.ts';
import { error } from './forged-errors.ts';
import {
  addressOf,
  FAMILIES,
  type Family,
  frame,
  type Ground,
  INSTANCE,
  Mouth,
  makeGround,
  PATH,
  packet,
  SIGN,
  toInstance,
} from './ground.ts';

// security.md: function-leaves-path
// A firewall that was broken into is the one hop of a chain from host 2 to host 3. Behind it, it may speak only for these
// two, to these two. Host 1 is on the network, and no chain names it.

let ground: Ground;
let mouth: Mouth;
beforeAll(async () => {
  ground = await makeGround();
  mouth = new Mouth(ground.world, 'firewall', { device: 'chain0', mark: -1 });
}, 180_000);
afterAll(async () => {
  await mouth?.close();
  await ground?.close();
});

const ICMP = { 4: PROTOCOL.icmp, 6: PROTOCOL.icmpv6 } as const;
const NOBODY = { 4: '8.8.8.8', 6: 'fd99::8' } as const;
/** The address of errors that a function's kernel makes. */
const FUNCTION = { 4: '192.0.0.8', 6: 'fd48:6564:646c:65::8' } as const;
type End = 1 | 2 | 3 | 'nobody';
const address = (family: Family, end: End) => (end === 'nobody' ? NOBODY[family] : addressOf(family, end));

/** Sends a packet of the path of red. */
const say = (family: Family, isReply: boolean, payload: Buffer) =>
  mouth.say(
    frame(family, payload, {
      source: formatMac(instanceMac(INSTANCE.firewall)),
      destination: toInstance({ path: PATH.red, position: 0, isReply }),
    }),
  );

interface Speech {
  readonly name: string;
  readonly from: End;
  readonly to: End;
  readonly isReply?: boolean;
  /** The node of the pod that would get it. */
  readonly node: 'one' | 'two';
}

const FORBIDDEN: readonly Speech[] = [
  { name: 'in the name of nobody, to an end', from: 'nobody', to: 3, node: 'two' },
  { name: 'in the name of nobody, to the other end', from: 'nobody', to: 2, isReply: true, node: 'one' },
  { name: 'in the name of a pod that the chain does not name', from: 1, to: 3, node: 'two' },
  {
    name: 'in the name of a pod that the chain does not name, back',
    from: 1,
    to: 2,
    isReply: true,
    node: 'one',
  },
  { name: 'to a pod that the chain does not name', from: 2, to: 1, node: 'one' },
  { name: 'to a pod that the chain does not name, back', from: 3, to: 1, isReply: true, node: 'one' },
  { name: 'in the wrong direction', from: 3, to: 2, node: 'one' },
  { name: 'in the wrong direction, back', from: 2, to: 3, isReply: true, node: 'two' },
];
const ALLOWED: readonly Speech[] = [
  { name: 'from the first end to the second', from: 2, to: 3, node: 'two' },
  { name: 'from the second end to the first', from: 3, to: 2, isReply: true, node: 'one' },
];
const datagram = ports(2000, 53, Buffer.concat([Buffer.from([0, 40, 0, 0]), SIGN]));

describe.each(FAMILIES)('a function that was broken into, over IPv%i', (family) => {
  const packetOf = ({ from, to }: Speech) =>
    packet(family, {
      source: address(family, from),
      destination: address(family, to),
      protocol: PROTOCOL.udp,
      payload: datagram,
    });
  /** An error of the function about a packet from `to` to `from`. */
  const errorAbout = ({ from, to }: Speech, receiver: End) =>
    packet(family, {
      source: FUNCTION[family],
      destination: address(family, receiver),
      protocol: ICMP[family],
      payload: error(family, 'unreachable', {
        source: address(family, to),
        destination: address(family, from),
      }),
    });

  test.each(FORBIDDEN)('that speaks $name reaches nobody and is counted', async (speech) => {
    const reasons = await ground.dropped(speech.node, async () => {
      await say(family, speech.isReply ?? false, packetOf(speech));
      expect(await ground.heard()).toEqual([]);
    });
    expect(reasons.filter((reason) => reason !== 'multicast')).toEqual(['off_path']);
  });

  test.each(FORBIDDEN)(
    'that sends an ICMP error as if $name reaches nobody and is counted',
    async (speech) => {
      const reasons = await ground.dropped(speech.node, async () => {
        await say(family, speech.isReply ?? false, errorAbout(speech, speech.to));
        expect(await ground.heard()).toEqual([]);
      });
      expect(reasons.filter((reason) => reason !== 'multicast')).toEqual(['off_path']);
    },
  );

  test.each(ALLOWED)('still speaks $name', async (speech) => {
    await say(family, speech.isReply ?? false, packetOf(speech));
    expect(await ground.heard()).toContain(`red${speech.to}`);
    await say(family, speech.isReply ?? false, errorAbout(speech, speech.to));
    expect(await ground.heard()).toContain(`red${speech.to}`);
  });

  test.each(ALLOWED)('by an error about a flow $name reaches no other pod', async (speech) => {
    const reasons = await ground.dropped('one', async () => {
      await say(family, speech.isReply ?? false, errorAbout(speech, 1));
      expect(await ground.heard()).toEqual([]);
    });
    expect(reasons.filter((reason) => reason !== 'multicast')).toEqual(['off_path']);
  });
});
