// SPDX-License-Identifier: Apache-2.0
import { FAMILIES } from '../../../api/net/address.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import {
  dumpAddresses,
  type ObservedAddress,
  parseInterfaceAddress,
} from '../../kernel/rtnetlink/address.ts';
import { getLink, type Link, parseLink } from '../../kernel/rtnetlink/link.ts';
import { dumpNeighbours, type ObservedNeighbour, parseNeighbour } from '../../kernel/rtnetlink/neighbour.ts';
import { getNetnsId, parseNetnsId } from '../../kernel/rtnetlink/nsid.ts';
import { dumpRoutes, parseRoute, type Route } from '../../kernel/rtnetlink/route.ts';
import { dumpRules, parseRule, type Rule } from '../../kernel/rtnetlink/rule.ts';
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
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  readonly neighbours: readonly ObservedNeighbour[];
}

/** The state of a pair that was just made: it is empty, but the namespace may have rules of an earlier attempt. */
export const EMPTY_POD_STATE: PodState = { addresses: [], routes: [], rules: [], neighbours: [] };

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

/** Observes the pod's side. Rules and neighbours only if the attachment has some: each costs a dump. */
export async function observePod(
  kernel: Kernel,
  pod: { attachment: Attachment; ifindex: number },
): Promise<PodState> {
  const { attachment, ifindex } = pod;
  const routes = await observeRoutes(kernel, pod);
  const hasRules = attachment.rules.length > 0;
  const families = hasRules ? FAMILIES : [];
  const answers = await kernel.netlink({
    netns: attachment.netnsPath,
    messages: [dumpAddresses(ifindex), ...families.map(dumpRules), ...families.map(dumpNeighbours)],
  });
  const [addresses = [], ...rest] = answers;
  const neighbours = rest.slice(families.length).flat();
  return {
    addresses: addresses.flatMap((message) => parseInterfaceAddress(message) ?? []),
    routes,
    rules: rest.slice(0, families.length).flat().map(parseRule),
    neighbours: neighbours.flatMap((message) => parseNeighbour(message) ?? []),
  };
}

export async function observeRoutes(
  kernel: Kernel,
  pod: { attachment: Attachment; ifindex: number },
): Promise<Route[]> {
  const { attachment, ifindex } = pod;
  const table = tableOf(attachment);
  const messages = FAMILIES.map((family) => dumpRoutes({ family, table, protocol: ROUTE_PROTOCOL, ifindex }));
  const answers = await kernel.netlink({ netns: attachment.netnsPath, messages });
  // Older kernels ignore the filter, so it is applied here too.
  return answers
    .flat()
    .map(parseRoute)
    .filter(
      (route) => route.protocol === ROUTE_PROTOCOL && route.ifindex === ifindex && route.table === table,
    );
}

/** The table of an attachment's routes. All of them are in one: the main table, or that of the chains. */
function tableOf(attachment: Attachment): number {
  return attachment.routes[0]?.table ?? 254;
}
