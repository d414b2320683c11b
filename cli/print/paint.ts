// SPDX-License-Identifier: Apache-2.0
export type Colour = 'red' | 'yellow' | 'green' | 'faint' | 'bold';

/** Colours a text, or returns it unchanged. */
export type Paint = (colour: Colour, text: string) => string;

const CODES: Readonly<Record<Colour, readonly [number, number]>> = {
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  faint: [2, 22],
  bold: [1, 22],
};

export const plain: Paint = (_, text) => text;

const coloured: Paint = (colour, text) => {
  const [begin, end] = CODES[colour];
  return `\u001b[${begin}m${text}\u001b[${end}m`;
};

/** Pure: uses colours only on a terminal whose user has not disabled them (no-color.org). */
export function choosePaint(terminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  return terminal && !env.NO_COLOR && env.TERM !== 'dumb' ? coloured : plain;
}
