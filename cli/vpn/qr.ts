// SPDX-License-Identifier: Apache-2.0
import { encode } from 'uqr';
import { Complaint } from '../complaint.ts';

/**
 * Light modules around the code. The standard demands four, which makes a usual file wider than a terminal of 80
 * columns; cameras recognize the code with two.
 */
const BORDER = 2;

/** Black on white whatever the terminal's colours are, since many applications cannot read an inverted code. */
const BLACK_ON_WHITE = '\u001b[38;2;0;0;0;48;2;255;255;255m';
const PLAIN = '\u001b[0m';

/** Two modules, one above the other, as a character: dark ones are drawn. */
const HALVES = [' ', '▄', '▀', '█'] as const;

/**
 * Pure: draws a text as a QR code of characters, with two rows of modules in a line. Without colours, the characters
 * draw the dark modules, as on paper.
 */
export function drawQr(text: string, options: { readonly coloured: boolean }): string {
  const modules = modulesOf(text);
  const lines: string[] = [];
  for (let row = 0; row < modules.length; row += 2) {
    const below = modules[row + 1];
    const line = modules[row]!.map((dark, column) => {
      return HALVES[(dark ? 2 : 0) + (below?.[column] ? 1 : 0)]!;
    }).join('');
    lines.push(options.coloured ? `${BLACK_ON_WHITE}${line}${PLAIN}` : line);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Modules of the lowest level of error correction: a screen has no damage, and the code should be small. */
function modulesOf(text: string): readonly (readonly boolean[])[] {
  try {
    return encode(text, { ecc: 'L', border: BORDER }).data;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Complaint(
      `a QR code holds 2953 bytes and the file has ${Buffer.byteLength(text)}: leave --qr out, or give the VPN fewer spec.routes`,
    );
  }
}
