// SPDX-License-Identifier: Apache-2.0
import { annotations } from './names.ts';
import { quote } from './net/address.ts';
import type { Parsed } from './parsed.ts';

/** Weight of an instance without the annotation. */
export const DEFAULT_WEIGHT = 100;
const MOST = 256;

/** Parses the annotation `heddle.dev/weight` of a pod: its share of new flows in relation to other instances. */
export function parseWeight(text: string | undefined): Parsed<number> {
  if (text === undefined) return { ok: true, value: DEFAULT_WEIGHT };
  // Only one form of a number is accepted, because programs read others in different ways (`010` as 10 or as 8).
  const value = /^(0|[1-9]\d{0,2})$/.test(text) ? Number(text) : Number.NaN;
  if (value <= MOST) return { ok: true, value };
  const message = `${quote(text)} is not a whole number of 0..${MOST}`;
  return { ok: false, complaint: { field: annotations.weight, message } };
}
