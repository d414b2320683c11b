// SPDX-License-Identifier: Apache-2.0
import { annotations } from './names.ts';
import { coversPrefix, type Prefix, parsePrefix } from './net/prefix.ts';
import { attempt, type Parsed } from './parsed.ts';

/** The ranges that a pod accepts as routes of networks of other namespaces. */
export type AcceptedRanges = 'all' | readonly Prefix[];

const MOST = 64;

/** Parses the annotation `heddle.dev/accept-routes` of a pod: `all`, or CIDRs with commas between them. */
export function parseAcceptRoutes(text: string | undefined): Parsed<AcceptedRanges> {
  const asked = text?.trim() ?? '';
  if (asked === '') return { ok: true, value: [] };
  if (asked === 'all') return { ok: true, value: 'all' };
  const parts = asked.split(',').map((part) => part.trim());
  if (parts.length > MOST) {
    const message = `has ${parts.length} ranges, at most ${MOST} are allowed; name larger ranges, or all`;
    return { ok: false, complaint: { field: annotations.acceptRoutes, message } };
  }
  return attempt(annotations.acceptRoutes, () => parts.map(parsePrefix));
}

/** Whether a route is within the ranges that a pod accepts. */
export function acceptsRoute(accepted: AcceptedRanges, route: Prefix): boolean {
  return accepted === 'all' || accepted.some((range) => coversPrefix(range, route));
}
