// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PacketBench, type Verdict, VTEPS } from '../../packets/bench.ts';
import {
  chain,
  DROP,
  type Family,
  MAC,
  OTHER_VNI,
  ownMacOf,
  REDIRECT,
  startBench,
  VNI,
} from '../../packets/ground.ts';
import { findMissing, needs } from '../../support/needs.ts';
import { type Failure, fuzzBatches, timeoutMs } from '../fuzz.ts';
import { arrivalsOf, framesOf, fromNear, toHere } from './frames.ts';
import { faceOf, isUntouched, placeOfMac, placeOfMark } from './oracle.ts';

const udp = (port: number) => [{ protocol: 'UDP', port } as const];
const plain = (mac: string) => mac.replaceAll(':', '');
const HERE = { [plain(MAC.client)]: ['10.20.0.1', 'fd20::1'], [plain(MAC.server)]: ['10.20.0.2', 'fd20::2'] };
const ANYWHERE = { ...HERE, [plain(MAC.remote)]: ['10.20.0.3', 'fd20::3'] };
const TWINS = { '060000000015': ['10.20.0.1', 'fd20::1'], '060000000016': ['10.20.0.2', 'fd20::2'] };
/** Where an instance of `near` is on each path, and how many hops a path has. */
const NEAR_AT: Readonly<Record<number, number>> = { 7: 0, 8: 1 };
const HOPS = 2;
/** Two programs answer on their own: they send the packet back to where it came from. */
const isAnswerTo = (sender: string, verdict: Verdict) => faceOf(verdict.frame).destination === plain(sender);

/** That a frame went to a pod as it came, to an address that the pod has. */
function expectDelivery(
  before: Buffer,
  verdict: Verdict,
  pods: Readonly<Record<string, readonly string[]>>,
): void {
  const { destination, to } = faceOf(verdict.frame);
  expect(pods[destination]).toContain(to);
  expect(verdict.mark).toBe(0);
  expect(isUntouched(before, verdict.frame)).toBe(true);
}

// security.md: pod-sends-malformed
describe('programs of the data path', needs(findMissing(['bpftool', 'clang', 'ip'])), () => {
  let bench: PacketBench;
  /** The same on nodes with IPv6 addresses. */
  let bench6: PacketBench;
  beforeAll(async () => {
    const start = (underlay: Family) =>
      startBench(
        [
          chain({ pathId: 7, ports: udp(53), hops: ['near', 'far'] }),
          chain({ pathId: 8, ports: udp(54), hops: ['far', 'near'] }),
        ],
        { otherChains: [chain({ pathId: 9, ports: udp(53), hops: ['far'], vni: OTHER_VNI })], underlay },
      );
    bench = await start(4);
    bench6 = await start(6);
  });
  afterAll(async () => {
    await bench?.close();
    await bench6?.close();
  });

  interface Trial<Input> {
    readonly ask: (input: Input) => Promise<Verdict>;
    /** Called with what was sent on; throws when it should not have been. */
    readonly check: (input: Input, verdict: Verdict) => void;
    /** Whether a program may consume packets that it does not count: notes, and answers to probes. */
    readonly consumes: boolean;
  }

  /** Tries a batch; what was dropped must have been counted. Returns the first input that should not have passed. */
  async function tryAll<Input>(
    batch: readonly Input[],
    { ask, check, consumes }: Trial<Input>,
  ): Promise<Failure<Input> | undefined> {
    const before = await bench.dropped();
    const verdicts = await Promise.all(batch.map(ask));
    const counted = (await bench.dropped()) - before;
    for (const [index, verdict] of verdicts.entries()) {
      const input = batch[index]!;
      try {
        expect([DROP, REDIRECT]).toContain(verdict.action);
        if (verdict.action === REDIRECT) check(input, verdict);
      } catch (error) {
        return { input, error };
      }
    }
    const dropped = verdicts.filter(({ action }) => action === DROP).length;
    if (dropped === counted || (consumes && dropped > counted)) return undefined;
    return { input: batch[0]!, error: new Error(`${dropped} were dropped, ${counted} counted`) };
  }

  test(
    'whatever a pod sends reaches its own network alone, in its own name, or is dropped and counted',
    async () => {
      await fuzzBatches('pod-frames', framesOf(MAC.client), async (batch) => {
        return tryAll(batch, {
          consumes: false,
          ask: (frame) => bench.cross('pod_ingress', { port: 'client', frame }),
          check: (frame, verdict) => {
            const { source, from } = faceOf(frame);
            expect(source).toBe(plain(MAC.client));
            if (isAnswerTo(MAC.client, verdict)) return;
            expect(HERE[plain(MAC.client)]).toContain(from);
            const place = placeOfMac(faceOf(verdict.frame).destination) ?? placeOfMark(verdict.mark);
            if (!place) return expectDelivery(frame, verdict, ANYWHERE);
            expect([7, 8]).toContain(place.path);
            expect(place.position).toBe(place.isReply ? HOPS - 1 : 0);
            expect(isUntouched(frame, verdict.frame)).toBe(true);
          },
        });
      });
    },
    timeoutMs,
  );

  test(
    'whatever an instance sends goes on behind its own hop, to the network of its path, or is dropped',
    async () => {
      await fuzzBatches('function-frames', framesOf(ownMacOf('near'), fromNear), async (batch) => {
        return tryAll(batch, {
          consumes: true,
          ask: (frame) => bench.cross('fn_ingress', { port: 'near', frame }),
          check: (frame, verdict) => {
            const said = placeOfMac(faceOf(frame).destination);
            expect(said && NEAR_AT[said.path]).toBe(said?.position);
            const next = said!.isReply ? said!.position - 1 : said!.position + 1;
            const place = placeOfMac(faceOf(verdict.frame).destination) ?? placeOfMark(verdict.mark);
            if (!place) {
              expect(next === -1 || next === HOPS).toBe(true);
              return expectDelivery(frame, verdict, ANYWHERE);
            }
            expect(place).toEqual({ ...said, position: next });
          },
        });
      });
    },
    timeoutMs,
  );

  test(
    'nothing of an instance that is on no path reaches anybody',
    async () => {
      await fuzzBatches('stranger-frames', framesOf(ownMacOf('stranger'), fromNear), async (batch) => {
        return tryAll(batch, {
          consumes: true,
          ask: (frame) => bench.cross('fn_ingress', { port: 'stranger', frame }),
          check: () => expect.fail('it was sent on'),
        });
      });
    },
    timeoutMs,
  );

  const NODE = 0xac1f0002;
  const PATHS: Readonly<Record<number, readonly number[]>> = { [VNI]: [7, 8], [OTHER_VNI]: [9] };
  const arrival = fc.record({
    frame: framesOf(MAC.remote, toHere),
    tunnel: fc.record({
      vni: fc.oneof({ weight: 5, arbitrary: fc.constant(VNI) }, fc.constantFrom(OTHER_VNI, 0, 9, 0xffffff)),
      vtep: fc.oneof(
        { weight: 9, arbitrary: fc.constant(NODE) },
        fc.constantFrom(0, 1, 0xac1f0003, 0xffffffff),
      ),
    }),
  });

  test(
    'what comes by VXLAN reaches a pod or a function of its network, from a node alone, or is dropped',
    async () => {
      await fuzzBatches('vxlan-frames', arrival, async (batch) => {
        return tryAll(batch, {
          consumes: true,
          ask: (question) => bench.arrive(question),
          check: ({ frame, tunnel: { vni, vtep } }, verdict) => {
            expect(vtep).toBe(NODE);
            const after = faceOf(verdict.frame);
            // A heartbeat is answered to the node that sent it, whatever else it says.
            if (vni === 0) return expect(placeOfMac(after.destination)).toMatchObject({ isReply: true });
            expect(Object.keys(PATHS)).toContain(String(vni));
            const place = placeOfMark(verdict.mark) ?? placeOfMac(after.destination);
            if (!place) return expectDelivery(frame, verdict, vni === VNI ? HERE : TWINS);
            expect(PATHS[vni]).toContain(place.path);
            expect(place.position).toBeLessThan(HOPS);
          },
        });
      });
    },
    timeoutMs,
  );

  const atUnderlay = (underlay: Family) =>
    arrivalsOf(framesOf(MAC.remote, toHere), {
      underlay,
      vnis: fc.oneof({ weight: 5, arbitrary: fc.constant(VNI) }, fc.constantFrom(OTHER_VNI, 9, 0xffffff)),
      senders: fc.oneof(
        { weight: 9, arbitrary: fc.constant(VTEPS[underlay].remote) },
        underlay === 4 ? fc.constantFrom('172.31.0.3', '0.0.0.0') : fc.constantFrom('fd31::3', '::'),
      ),
    });
  /** TCX_NEXT, as the kernel's test of a program gives it. */
  const NEXT = 0xffff_ffff;

  // security.md: underlay-sends-malformed
  test.each([
    ['IPv4', 4, 'underlay-frames'],
    ['IPv6', 6, 'underlay-ipv6-frames'],
  ] as const)(
    'what arrives at the underlay, over %s, is VXLAN of a node and goes where that may, or is untouched, or is dropped and counted',
    async (_, family, corpus) => {
      const at = family === 4 ? bench : bench6;
      await fuzzBatches(corpus, atUnderlay(family), async (batch) => {
        const before = await at.dropped();
        const verdicts = await Promise.all(batch.map(({ frame }) => at.cross('underlay_ingress', { frame })));
        const counted = (await at.dropped()) - before;
        for (const [index, { action, frame, mark }] of verdicts.entries()) {
          const input = batch[index]!;
          try {
            expect([DROP, REDIRECT, NEXT]).toContain(action);
            if (action === NEXT) expect(frame.equals(input.frame)).toBe(true);
            if (action !== REDIRECT) continue;
            expect(input.sender).toBe(VTEPS[family].remote);
            const place = placeOfMark(mark) ?? placeOfMac(faceOf(frame).destination);
            if (place) expect([7, 8, 9]).toContain(place.path);
            else expect(Object.keys({ ...HERE, ...TWINS })).toContain(faceOf(frame).destination);
          } catch (error) {
            return { input, error };
          }
        }
        // Notes and answers to probes end here uncounted.
        const dropped = verdicts.filter(({ action }) => action === DROP).length;
        if (counted <= dropped) return undefined;
        return { input: batch[0]!, error: new Error(`${dropped} were dropped, ${counted} counted`) };
      });
    },
    timeoutMs,
  );

  test('valid frames do arrive, so the properties above are not vacuous', async () => {
    const reached = { pod: 0, fn: 0, vxlan: 0, underlay: 0, underlay6: 0 };
    for (const frame of fc.sample(framesOf(MAC.client), 500))
      if ((await bench.cross('pod_ingress', { port: 'client', frame })).action === REDIRECT) reached.pod++;
    for (const frame of fc.sample(framesOf(ownMacOf('near'), fromNear), 500))
      if ((await bench.cross('fn_ingress', { port: 'near', frame })).action === REDIRECT) reached.fn++;
    for (const question of fc.sample(arrival, 500))
      if ((await bench.arrive(question)).action === REDIRECT) reached.vxlan++;
    for (const { frame } of fc.sample(atUnderlay(4), 500))
      if ((await bench.cross('underlay_ingress', { frame })).action === REDIRECT) reached.underlay++;
    for (const { frame } of fc.sample(atUnderlay(6), 500))
      if ((await bench6.cross('underlay_ingress', { frame })).action === REDIRECT) reached.underlay6++;
    expect(reached.pod).toBeGreaterThan(25);
    expect(reached.fn).toBeGreaterThan(10);
    expect(reached.vxlan).toBeGreaterThan(10);
    expect(reached.underlay).toBeGreaterThan(5);
    expect(reached.underlay6).toBeGreaterThan(5);
  });
});
