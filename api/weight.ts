// SPDX-License-Identifier: Apache-2.0
import { annotations } from './names.ts';
import { quote } from './net/address.ts';
import type { Parsed } from './parsed.ts';

/** The share of an instance that says none. */
export const DEFAULT_WEIGHT = 100;
const MOST = 256;

/** The annotation `heddle.dev/weight` of a pod: an instance's share of new flows beside the others of its function. */
export function parseWeight(text: string | undefined): Parsed<number> {
  if (text === undefined) return { ok: true, value: DEFAULT_WEIGHT };
  // Only one way to write a number: what one program reads as 10 another may read as 8 (`010`).
  const value = /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN;
  if (value <= MOST) return { ok: true, value };
  const message = `${quote(text)} is not a whole number of 0..${MOST}`;
  return { ok: false, complaint: { field: annotations.weight, message } };
}
