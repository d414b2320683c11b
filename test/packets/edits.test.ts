import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PacketBench } from './bench.ts';
import { ports } from './frame.ts';
import { chain, FAMILIES, frame, packet, startBench, VNI } from './ground.ts';

const PACKETS = 5_000_000;
const MOST_EDITS = 1000;

/** Its only hop has no instance: a packet that takes it is counted as `hop_down` and stays as it is. */
const GATE = chain({ pathId: 7, hops: [''] });
/** Each time with other ports, so that all classes of the network are others. */
const edited = (port: number) =>
  chain({ pathId: 9, hops: ['near'], fromAll: true, ports: [{ protocol: 'TCP', port, endPort: port }] });

describe('while another chain of the network is edited as fast as it goes', () => {
  let bench: PacketBench;
  beforeAll(async () => {
    bench = await startBench([GATE, edited(1000)]);
  });
  afterAll(() => bench?.close());

  test.each(FAMILIES)(
    'every packet takes its path, and none is dropped for another reason, over IPv%d',
    async (family) => {
      const question = {
        frame: frame(family, packet(family, { payload: ports(40_000, 80) })),
        port: 'client',
      };
      let isOver = false;
      const flood = bench.flood('pod_ingress', question, PACKETS).finally(() => {
        isOver = true;
      });
      let edits = 0;
      for (; !isOver && edits < MOST_EDITS; edits++) {
        await bench.setNetwork({ vni: VNI, chains: [GATE, edited(1001 + edits)] });
      }
      expect(await flood).toEqual({ hop_down: PACKETS });
      expect(edits).toBeGreaterThan(20);
      console.log(`${edits} edits beside ${PACKETS} packets`);
    },
  );
});
