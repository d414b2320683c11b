// SPDX-License-Identifier: Apache-2.0
import { type Address, FAMILIES } from '../../../api/net/address.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import {
  dumpAddresses,
  type ObservedAddress,
  parseInterfaceAddress,
  SCOPE_UNIVERSE,
} from '../../kernel/rtnetlink/address.ts';
import { getLink, type Link, parseLink } from '../../kernel/rtnetlink/link.ts';
import { dumpNeighbours, type ObservedNeighbour, parseNeighbour } from '../../kernel/rtnetlink/neighbour.ts';
import { getNetnsId, parseNetnsId } from '../../kernel/rtnetlink/nsid.ts';
import { dumpRoutes, parseRoute, type Route } from '../../kernel/rtnetlink/route.ts';
import { dumpRules, parseRule, type Rule } from '../../kernel/rtnetlink/rule.ts';
import { tablesOf } from '../../render/attachment/lookup.ts';
import type { Attachment } from '../../render/attachment.ts';

/** Marks our routes (`rtm_protocol`), so that those of others in a pod are never touched. */
export const ROUTE_PROTOCOL = 72;

/** The observed state of an attachment's veth pair. */
export type PairState =
  | { readonly kind: 'Absent' }
  /** Both ends, joined to each other. */
  | { readonly kind: 'Paired'; readonly host: Link; readonly pod: Link }
  /** A host side whose other end is in another namespace: that of a former sandbox of this pod. */
  | { readonly kind: 'Stale'; readonly host: Link }
  /** The pod has another interface of the wanted name. */
  | { readonly kind: 'Foreign'; readonly pod: Link };

/** The observed state inside the pod's namespace, as far as an attachment manages it. */
export interface PodState {
  readonly addresses: readonly ObservedAddress[];
  /** Addresses that others gave the pod on other interfaces, those of one host or link apart. */
  readonly foreign: readonly Address[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly neighbours: readonly ObservedNeighbour[];
}

/** The state of a pair that was just made. */
export const EMPTY_POD_STATE: PodState = {
  addresses: [],
  foreign: [],
  routes: [],
  rules: [],
  neighbours: [],
};

export async function observePair(kernel: Kernel, attachment: Attachment): Promise<PairState> {
  const { netnsPath, hostName } = attachment;
  const [[hostAnswer, idAnswer], [podAnswer]] = await Promise.all([
    kernel.netlink({ messages: [getLink({ name: hostName }), getNetnsId(netnsPath)] }),
    kernel.netlink({ netns: netnsPath, messages: [getLink({ name: attachment.interface })] }),
  ]);
  const host = hostAnswer?.[0] === undefined ? undefined : parseLink(hostAnswer[0]);
  const pod = podAnswer?.[0] === undefined ? undefined : parseLink(podAnswer[0]);
  const netnsId = idAnswer?.[0] === undefined ? undefined : parseNetnsId(idAnswer[0]);
  return judgePair({ host, pod, netnsId });
}

function judgePair(found: {
  host: Link | undefined;
  pod: Link | undefined;
  netnsId: number | undefined;
}): PairState {
  const { host, pod, netnsId } = found;
  if (host === undefined) return pod === undefined ? { kind: 'Absent' } : { kind: 'Foreign', pod };
  const isHere = netnsId !== undefined && host.peerNetnsId === netnsId;
  if (pod === undefined || !isHere || host.peerIndex !== pod.index) return { kind: 'Stale', host };
  return { kind: 'Paired', host, pod };
}

/**
 * Observes the pod's side. A pair that was just made has nothing, but its namespace may have rules of an earlier attempt.
 * Rules and neighbours only if the attachment has some: each costs a dump.
 */
export async function observePod(
  kernel: Kernel,
  pod: { attachment: Attachment; ifindex: number; created: boolean },
): Promise<PodState> {
  const { attachment, ifindex, created } = pod;
  const { lookup, netnsPath: netns, neighbours } = attachment;
  if (created && lookup === undefined) return EMPTY_POD_STATE;
  const dumps = {
    addresses: [dumpAddresses(lookup ? undefined : ifindex)],
    rules: lookup || attachment.rules.length > 0 ? FAMILIES.map(dumpRules) : [],
    neighbours: neighbours.length > 0 ? FAMILIES.map(dumpNeighbours) : [],
    routes: created ? [] : routeDumps(attachment, ifindex),
  };
  const answers = await kernel.netlink({ netns, messages: Object.values(dumps).flat() });
  const take = (list: readonly unknown[]) => answers.splice(0, list.length).flat();
  const addresses = take(dumps.addresses).flatMap((message) => parseInterfaceAddress(message) ?? []);
  return {
    addresses: addresses.filter((each) => each.ifindex === ifindex),
    foreign: addresses
      .filter((each) => each.ifindex !== ifindex && each.scope === SCOPE_UNIVERSE)
      .map(({ address }) => address),
    rules: take(dumps.rules).map(parseRule),
    neighbours: take(dumps.neighbours).flatMap((message) => parseNeighbour(message) ?? []),
    routes: ownRoutes(take(dumps.routes).map(parseRoute), { tables: tablesOf(attachment, ifindex), ifindex }),
  };
}

function routeDumps(attachment: Attachment, ifindex: number) {
  return tablesOf(attachment, ifindex).flatMap((table) =>
    FAMILIES.map((family) => dumpRoutes({ family, table, protocol: ROUTE_PROTOCOL, ifindex })),
  );
}

/** Older kernels ignore the filter of a dump, so it is applied here too. */
function ownRoutes(
  routes: readonly Route[],
  { tables, ifindex }: { readonly tables: readonly number[]; readonly ifindex: number },
): Route[] {
  return routes.filter(
    (route) => route.protocol === ROUTE_PROTOCOL && route.ifindex === ifindex && tables.includes(route.table),
  );
}
