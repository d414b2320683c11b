// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrames, FrameReader } from '../../../../agent/nri/frame.ts';
import { encodeMessage, MessageReader, REQUEST } from '../../../../agent/nri/message.ts';

/** The same bytes, cut at the given places: a socket promises nothing about where a piece ends. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('NRI frames', () => {
  it('are never longer than the 4096 bytes that the other side reads at once', () => {
    const bytes = encodeFrames(1, Buffer.alloc(10_000, 7));
    const frames = new FrameReader().push(bytes);
    expect(frames.map((frame) => frame.payload.length)).toEqual([4096, 4096, 1808]);
  });

  it('carry connection and length in network order', () => {
    expect(encodeFrames(2, Buffer.from('ab'))).toEqual(Buffer.from('00000002000000026162', 'hex'));
  });

  it('give the messages back that went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 9000 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 5 }),
        (payloads, sizes) => {
          const stream = Buffer.concat(
            payloads.map((data, index) =>
              encodeFrames(1, encodeMessage({ stream: index * 2 + 1, type: REQUEST, data })),
            ),
          );
          const frames = new FrameReader();
          const messages = new MessageReader();
          const got = cut(stream, sizes)
            .flatMap((piece) => frames.push(piece))
            .flatMap((frame) => messages.push(frame.payload));
          expect(got.map((message) => message.stream)).toEqual(payloads.map((_, index) => index * 2 + 1));
          got.forEach((message, index) => {
            expect(message.data.equals(payloads[index]!)).toBe(true);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of an impossible length are an error instead of a wait for gigabytes', () => {
    expect(() => new FrameReader().push(Buffer.from('00000001ffffffff', 'hex'))).toThrow(/limit/);
  });

  it('of several connections do not mix', () => {
    const reader = new FrameReader();
    const stream = Buffer.concat([encodeFrames(1, Buffer.from('a')), encodeFrames(2, Buffer.from('b'))]);
    expect(reader.push(stream).map(({ connection, payload }) => [connection, payload.toString()])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });
});
