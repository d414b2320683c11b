// SPDX-License-Identifier: Apache-2.0
import { encode } from 'uqr';
import { Complaint } from '../complaint.ts';

/**
 * Light modules around the code. The standard has four, which makes a usual file wider than a terminal of 80 columns;
 * cameras find two.
 */
const BORDER = 2;

/** Black on white whatever the terminal's own colours are: many applications do not read a code the other way round. */
const BLACK_ON_WHITE = '\u001b[38;2;0;0;0;48;2;255;255;255m';
const PLAIN = '\u001b[0m';

/** Two modules, one above the other, as a character: dark ones are drawn. */
const HALVES = [' ', '▄', '▀', '█'] as const;

/**
 * Pure: a text as a QR code of characters, two rows of modules a line. Without colours dark modules are what the
 * character draws, as on paper.
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

/** Of the lowest level of correction: the screen is clean, and the code as small as can be. */
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
