// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { ports } from './frame.ts';
import { answer, chain, FAMILIES, frame, MAC, packet, startBench, VNI } from './ground.ts';

const PACKETS = 5_000_000;
const MOST_EDITS = 1000;
/** Packets while a policy is switched all the time: until one was seen, which takes two CPUs at once. */
const ROUND = 200_000;
const MOST_ROUNDS = 15;

/** Its only hop has no instance: a packet that takes it is counted as `hop_down` and stays as it is. */
const GATE = chain({ pathId: 7, hops: [''] });
/** Another chain each time, so that all addresses of the network get another class, and all pairs other rules. */
const edited = (edit: number) => {
  const port = 1000 + edit;
  const ports = [{ protocol: 'TCP', port, endPort: port }] as const;
  return chain({ pathId: 9 + (edit % 2), hops: ['near'], fromAll: true, ports });
};

describe('while another chain of the network is edited as fast as it goes', () => {
  let bench: PacketBench;
  beforeAll(async () => {
    bench = await startBench([GATE, edited(0)]);
  });
  afterAll(() => bench?.close());

  test.each(FAMILIES)(
    'every packet takes its path, and none is dropped for another reason, over IPv%d',
    async (family) => {
      const question = {
        frame: frame(family, packet(family, { payload: ports(40_000, 80) })),
        port: 'client',
      };
      const { counted, edits } = await beside(bench.flood('pod_ingress', question, PACKETS), (edit) =>
        bench.setNetwork({ vni: VNI, chains: [GATE, edited(1 + edit)] }),
      );
      expect(counted).toEqual({ hop_down: PACKETS });
      expect(edits).toBeGreaterThan(20);
    },
  );

  test.each(FAMILIES)(
    'a packet of a chain whose list of functions is edited meets the old list or the new one, over IPv%d',
    async (family) => {
      // From the server, so that a packet begins at the end of the list: there is none where a mixture says.
      const reply = answer(family, { payload: ports(80, 40_000) });
      const ends = { source: MAC.server, destination: MAC.client };
      const question = { frame: frame(family, reply, ends), port: 'server' };
      const { counted, edits } = await beside(bench.flood('pod_ingress', question, PACKETS), (edit) =>
        bench.setNetwork({ vni: VNI, chains: [chain({ pathId: 7, hops: edit % 2 ? [''] : ['', '', ''] })] }),
      );
      expect(counted).toEqual({ hop_down: PACKETS });
      expect(edits).toBeGreaterThan(20);
    },
  );
});

describe('while the policy is switched faster than a packet is classified', () => {
  let bench: PacketBench;
  beforeAll(async () => {
    bench = await startBench([GATE]);
  });
  afterAll(() => bench?.close());

  test.each(FAMILIES)(
    'a packet is dropped and counted rather than sent by a mixture of policies, over IPv%d',
    async (family) => {
      const question = {
        frame: frame(family, packet(family, { payload: ports(40_000, 80) })),
        port: 'client',
      };
      const contended = await bench.besideSwitches(VNI, async () => {
        let seen = 0;
        for (let round = 0; seen === 0 && round < MOST_ROUNDS; round++) {
          const counted = await bench.flood('pod_ingress', question, ROUND);
          expect((counted.hop_down ?? 0) + (counted.contended ?? 0)).toBe(ROUND);
          seen += counted.contended ?? 0;
        }
        return seen;
      });
      expect(contended).toBeGreaterThan(0);
    },
  );
});

/** Edits as fast as it goes until the packets are through. */
async function beside<T>(
  packets: Promise<T>,
  edit: (count: number) => Promise<void>,
): Promise<{ readonly counted: T; readonly edits: number }> {
  let isOver = false;
  const through = packets.finally(() => {
    isOver = true;
  });
  let edits = 0;
  for (; !isOver && edits < MOST_EDITS; edits++) await edit(edits);
  return { counted: await through, edits };
}
