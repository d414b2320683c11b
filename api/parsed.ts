// SPDX-License-Identifier: Apache-2.0
import { AddressError } from './net/address.ts';

/** A complaint about a text that a user wrote: where it is wrong, and what to do. */
export interface Complaint {
  /** Number of the element in a list, from 1. Absent when the text as a whole is wrong. */
  readonly element?: number | undefined;
  /** Field of the element. Absent when the element as a whole is wrong. */
  readonly field?: string | undefined;
  readonly message: string;
}

/** The result of a parser: the value, or the first complaint. */
export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly complaint: Complaint };

/** A complaint in words: `element 2, interface: "eth0" is the pod's own; choose another`. */
export function formatComplaint(complaint: Complaint): string {
  const place = [
    complaint.element === undefined ? undefined : `element ${complaint.element}`,
    complaint.field,
  ].filter((part) => part !== undefined);
  return place.length === 0 ? complaint.message : `${place.join(', ')}: ${complaint.message}`;
}

/** Runs a parser of addresses, and turns an AddressError into a complaint about a field. */
export function attempt<Value>(field: string, parse: () => Value): Parsed<Value> {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    return { ok: false, complaint: { field, message: error.message } };
  }
}
