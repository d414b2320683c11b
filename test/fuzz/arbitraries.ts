// SPDX-License-Identifier: Apache-2.0
import fc, { type Arbitrary } from 'fast-check';

/** Characters that parsers meet seldom: controls, line ends, quotes, separators, parts of surrogate pairs. */
const odd = fc.constantFrom(
  ...['\0', '\u001b[2J', '\r', '\n', '\t', '\u007f', '\u009b31m', '\u202e', '\ufeff', '\ud800', '"', '\\'],
  ...['/', '@', ':', ',', '.', '#', '-', '::', ' ', '__proto__', 'constructor', '%', '0', '١', 'é', '😀'],
);

/** Any text, often with characters that matter to parsers. */
export const text: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.array(fc.oneof(odd, fc.string({ maxLength: 5 })), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.nat(3000).map((length) => 'x'.repeat(length)),
);

/** A text that was right, with one change: a piece removed, doubled, or replaced. */
export function changed(right: Arbitrary<string>): Arbitrary<string> {
  return fc
    .tuple(right, fc.nat(), fc.nat(8), fc.oneof(fc.constant(''), odd, text))
    .map(([whole, place, length, piece]) => {
      const at = place % (whole.length + 1);
      return whole.slice(0, at) + piece + whole.slice(at + length);
    });
}

/** Right texts, changed ones, and any. */
export function mostly(right: Arbitrary<string>): Arbitrary<string> {
  return fc.oneof({ weight: 2, arbitrary: right }, { weight: 5, arbitrary: changed(right) }, text);
}

/** Bytes that were right, with one change: bits flipped, a piece removed, doubled or replaced. */
export function changedBytes(right: Arbitrary<Uint8Array>): Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('flip', 'cut', 'double', 'replace', 'end'),
    length: fc.nat(12),
    bytes: fc.uint8Array({ maxLength: 12 }),
  });
  const changes = fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 5, arbitrary: fc.array(change, { minLength: 1, maxLength: 3 }) },
  );
  return fc.tuple(right, changes).map(([bytes, all]) => all.reduce(apply, Buffer.from(bytes)));
}

interface Change {
  readonly at: number;
  readonly kind: string;
  readonly length: number;
  readonly bytes: Uint8Array;
}

function apply(whole: Buffer, { at: place, kind, length, bytes }: Change): Buffer {
  const at = place % (whole.length + 1);
  const [before, after] = [whole.subarray(0, at), whole.subarray(at)];
  switch (kind) {
    case 'flip': {
      const copy = Buffer.from(whole);
      if (at < copy.length) copy[at] = copy[at]! ^ (bytes[0] ?? 0xff);
      return copy;
    }
    case 'cut':
      return Buffer.concat([before, after.subarray(length)]);
    case 'double':
      return Buffer.concat([before, after.subarray(0, length), after]);
    case 'replace':
      return Buffer.concat([before, bytes, after.subarray(bytes.length)]);
    default:
      return Buffer.from(before);
  }
}

/** Any JSON value, with names that a parser knows. */
export function jsonWith(names: readonly string[]): Arbitrary<unknown> {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), text), tie('value'), { maxKeys: 5 }),
    ),
  }));
  return value;
}
