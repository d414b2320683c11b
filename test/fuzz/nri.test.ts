// SPDX-License-Identifier: Apache-2.0

import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NriConnection } from '../../agent/nri/connection.ts';
import { encodeFrames, type Frame, FrameReader } from '../../agent/nri/frame.ts';
import { encodeMessage, MessageReader, REQUEST } from '../../agent/nri/message.ts';
import { toContainer, toPod } from '../../agent/nri/pod.ts';
import { decode, encode } from '../../agent/nri/proto.ts';
import { changedBytes, text } from './arbitraries.ts';
import { fuzz, fuzzBatches, timeoutMs } from './fuzz.ts';

const labels = fc.dictionary(text, text, { maxKeys: 3 });
const sandbox = fc.record({
  id: text,
  name: text,
  uid: text,
  namespace: text,
  labels,
  annotations: labels,
  linux: fc.option(
    fc.record({
      namespaces: fc.array(fc.record({ type: fc.constantFrom('network', 'ipc'), path: text }), {
        maxLength: 3,
      }),
    }),
  ),
});
const container = fc.record({
  id: text,
  podSandboxId: text,
  name: text,
  state: fc.nat(5),
  createdAt: fc.nat(),
  labels,
  annotations: labels,
});
const payload = fc.oneof(
  fc.tuple(sandbox, container).map(([pod, each]) => encode('ContainerRequest', { pod, container: each })),
  fc.tuple(sandbox, fc.nat(9)).map(([pod, event]) => encode('StateChangeEvent', { pod, event })),
  fc
    .tuple(fc.array(sandbox, { maxLength: 3 }), fc.array(container, { maxLength: 3 }), fc.boolean())
    .map(([pods, containers, more]) => encode('SynchronizeRequest', { pods, containers, more })),
  fc.uint8Array({ maxLength: 60 }),
);
const request = fc
  .tuple(fc.constantFrom('CreateContainer', 'RunPodSandbox', 'Synchronize', 'StateChange'), payload)
  .map(([method, bytes]) =>
    encode('Request', { service: 'nri.pkg.api.v1alpha1.Plugin', method, payload: bytes }),
  );
const message = fc
  .tuple(fc.nat(7), fc.constantFrom(REQUEST, 2, 3), request)
  .map(([stream, type, data]) => encodeMessage({ stream, type, data }));
const frames = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 7), message), { maxLength: 3 })
  .map((list) => Buffer.concat(list.map(([connection, bytes]) => encodeFrames(connection, bytes))));

const pieces = (bytes: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** Everything that a reader gives of a stream in pieces, and how it ends. */
function readAll<Part>(bytes: Buffer, size: number, push: (piece: Buffer) => readonly Part[]) {
  const parts: Part[] = [];
  try {
    for (const piece of pieces(bytes, size)) parts.push(...push(piece));
    return { parts, error: undefined };
  } catch (error) {
    expect((error as Error).message).toMatch(/: the limit is \d+$/);
    return { parts, error: (error as Error).message };
  }
}

test(
  'frames of any bytes are the same however the stream is cut, and no longer than it',
  () => {
    fuzz('nri-frames', fc.tuple(changedBytes(frames), fc.integer({ min: 20, max: 400 })), ([bytes, size]) => {
      const whole = new FrameReader();
      const all = readAll(bytes, bytes.length || 1, (piece) => whole.push(piece));
      const cut = new FrameReader();
      const parts = readAll(bytes, size, (piece) => cut.push(piece));
      expect(parts.error).toBe(all.error);
      // What came before an error counts only if it came in an earlier piece.
      if (all.error === undefined)
        expect(parts.parts.map(written).join()).toBe(all.parts.map(written).join());
      const length = parts.parts.reduce((sum, frame) => sum + 8 + frame.payload.length, 0);
      expect(length).toBeLessThanOrEqual(bytes.length);
    });
  },
  timeoutMs,
);

test(
  'messages of any bytes are the same however the stream is cut, and what went in begins with them',
  () => {
    const stream = fc.array(message, { maxLength: 3 }).map((list) => Buffer.concat(list));
    fuzz(
      'nri-messages',
      fc.tuple(changedBytes(stream), fc.integer({ min: 20, max: 400 })),
      ([bytes, size]) => {
        const reader = new MessageReader();
        const { parts } = readAll(bytes, size, (piece) => reader.push(piece));
        let at = 0;
        for (const { stream: id, type, data } of parts) {
          expect(data.equals(bytes.subarray(at + 10, at + 10 + data.length))).toBe(true);
          expect([id, type]).toEqual([bytes.readUInt32BE(at + 4), bytes.readUInt8(at + 8)]);
          at += 10 + data.length;
        }
        expect(at).toBeLessThanOrEqual(bytes.length);
      },
    );
  },
  timeoutMs,
);

test(
  'a pod of any bytes is refused, or is the same when it is written again, with texts and nothing else',
  () => {
    fuzz('nri-pods', changedBytes(payload), (bytes) => {
      let read: ReturnType<typeof decode<'ContainerRequest'>>;
      try {
        read = decode('ContainerRequest', bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      if (read.pod) {
        const pod = toPod(read.pod);
        const texts = [pod.id, pod.name, pod.namespace, pod.uid, ...Object.values(pod.labels)];
        for (const each of [...texts, ...Object.values(pod.annotations)]) expect(typeof each).toBe('string');
        expect(Object.getPrototypeOf(pod.labels)).toBe(Object.prototype);
      }
      if (read.container) toContainer(read.container);
      expect(decode('ContainerRequest', encode('ContainerRequest', read))).toEqual(read);
    });
  },
  timeoutMs,
);

/** A frame as text: comparing buffers byte by byte is slow. */
const written = ({ connection, payload }: Frame) => `${connection} ${payload.toString('latin1')}`;

/** A socket that keeps what is written, and knows how it ended. */
class Wire extends Duplex {
  readonly sent: Buffer[] = [];
  override _read(): void {}
  override _write(bytes: Buffer, _: unknown, done: () => void): void {
    this.sent.push(bytes);
    done();
  }
}

/** How many requests a connection passed on, and how many answers it sent, when these bytes came; undefined: it ended. */
async function converse(bytes: Buffer): Promise<{ asked: number; answered: number } | undefined> {
  const wire = new Wire();
  let hasEnded = false;
  wire.on('error', () => {
    hasEnded = true;
  });
  let asked = 0;
  // NriConnection uses no more of a socket than a Duplex has.
  new NriConnection(wire as unknown as Socket, async () => {
    asked++;
    return { kind: 'Ok', payload: new Uint8Array() };
  });
  wire.push(bytes);
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  wire.destroy();
  const answers = new FrameReader();
  return hasEnded ? undefined : { asked, answered: wire.sent.flatMap((each) => answers.push(each)).length };
}

test(
  'whatever the runtime sends is answered once for each request, or ends the connection',
  async () => {
    await fuzzBatches('nri-connection', changedBytes(frames), async (batch) => {
      for (const input of batch) {
        const outcome = await converse(input);
        if (outcome && outcome.asked !== outcome.answered) {
          return { input, error: new Error(`${outcome.answered} answers to ${outcome.asked} requests`) };
        }
      }
      return undefined;
    });
  },
  timeoutMs,
);
