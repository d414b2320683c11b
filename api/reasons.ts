// SPDX-License-Identifier: Apache-2.0
import { functionReasons } from './reasons/function.ts';
import { loadBalancerReasons } from './reasons/load-balancer.ts';
import { nodeReportReasons } from './reasons/node-report.ts';
import { podReasons } from './reasons/pod.ts';
import { portReasons } from './reasons/port.ts';
import type { Row } from './reasons/row.ts';
import { serviceReasons } from './reasons/service.ts';
import { serviceChainReasons } from './reasons/service-chain.ts';
import { virtualNetworkReasons } from './reasons/virtual-network.ts';
import { vpnReasons } from './reasons/vpn.ts';
import { vpnPeerReasons } from './reasons/vpn-peer.ts';

// The registry of all reasons that conditions and Events of Heddle can have, with one file for each kind in
// `reasons/`. A unit test compares `docs/reasons.md` with it.
// Each row is also a type: conditions.ts accepts only combinations of kind, condition, status and reason that are in
// the registry, so no undocumented reason can be used.

const rows = [
  ...functionReasons('Firewall'),
  ...functionReasons('LoadBalancer'),
  ...functionReasons('CustomFunction'),
  ...loadBalancerReasons,
  ...nodeReportReasons,
  ...podReasons,
  ...portReasons,
  ...serviceReasons,
  ...serviceChainReasons,
  ...vpnReasons,
  ...vpnPeerReasons,
  ...virtualNetworkReasons,
] as const;

/** All rows, sorted by kind, then by place, status and reason. */
export const REASONS = [...rows].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

function placeOf({ kind, on, status, reason }: Row): string {
  return `${kind} ${on} ${status} ${reason}`;
}

export type ReasonRow = (typeof REASONS)[number];
export type ReasonKind = ReasonRow['kind'];

type ConditionRow<K extends ReasonKind> = Exclude<Extract<ReasonRow, { kind: K }>, { on: 'Event' }>;
type EventRow<K extends ReasonKind> = Extract<ReasonRow, { kind: K; on: 'Event' }>;

/** The verdict of a check about one condition of a kind. Only combinations in the registry type-check. */
export type Verdict<K extends ReasonKind> =
  ConditionRow<K> extends infer R
    ? R extends { on: infer T; status: infer S; reason: infer N }
      ? { readonly type: T; readonly status: S; readonly reason: N; readonly message: string }
      : never
    : never;

/** An Event about an object of a kind. Only rows of the registry type-check. */
export type Remark<K extends ReasonKind> =
  EventRow<K> extends infer R
    ? R extends { status: infer S; reason: infer N }
      ? { readonly type: S; readonly reason: N; readonly message: string }
      : never
    : never;
