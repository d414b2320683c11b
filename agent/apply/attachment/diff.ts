// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress, sameAddress } from '../../../api/net/address.ts';
import { formatPrefix } from '../../../api/net/prefix.ts';
import type { NetlinkMessage } from '../../kernel/protocol.ts';
import {
  deleteAddress,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  type ObservedAddress,
  putAddress,
  SCOPE_LINK,
} from '../../kernel/rtnetlink/address.ts';
import { type ObservedNeighbour, putPermanentNeighbour } from '../../kernel/rtnetlink/neighbour.ts';
import { deleteRoute, putRoute, type Route } from '../../kernel/rtnetlink/route.ts';
import { addRule, deleteRule, type Rule } from '../../kernel/rtnetlink/rule.ts';
import { type Placed, placeInPod } from '../../render/attachment/lookup.ts';
import type { AttachedAddress } from '../../render/attachment/types.ts';
import type { Attachment } from '../../render/attachment.ts';
import { type PodState, ROUTE_PROTOCOL } from './state.ts';

/** Messages to send before and after the interface is set up; pure. */
export interface PodChanges {
  readonly beforeUp: readonly NetlinkMessage[];
  /**
   * Routes, which need an interface that is up; rules, which lead to them; then deletions of what is obsolete. So nothing
   * is missing meanwhile.
   */
  readonly afterUp: readonly NetlinkMessage[];
}

/** The messages that change the pod's side to what the attachment describes, for what is missing, different or obsolete. */
export function diffPod(attachment: Attachment, options: { ifindex: number; found: PodState }): PodChanges {
  const { ifindex, found } = options;
  const placed = placeInPod(attachment, { ifindex, foreign: found.foreign });
  const routes = diffRoutes(placed, { ifindex, found: found.routes });
  return {
    beforeUp: missingAddresses(attachment, { ifindex, found: found.addresses }),
    afterUp: [
      ...missingNeighbours(attachment, { ifindex, found: found.neighbours }),
      ...routes.put,
      ...diffRules({ attachment, placed, found: found.rules }),
      ...routes.obsolete,
      ...obsoleteAddresses(attachment, found.addresses),
    ],
  };
}

/** Only routes that carry our mark are ever taken away. */
function diffRoutes(
  placed: Placed,
  options: { ifindex: number; found: readonly Route[] },
): { readonly put: readonly NetlinkMessage[]; readonly obsolete: readonly NetlinkMessage[] } {
  const { ifindex, found } = options;
  const wanted = placed.routes.map((route): Route => ({ ...route, ifindex, protocol: ROUTE_PROTOCOL }));
  const wantedKeys = new Set(wanted.map(placeKey));
  const foundKeys = new Set(found.map(routeKey));
  return {
    put: wanted.filter((route) => !foundKeys.has(routeKey(route))).map(putRoute),
    obsolete: found.filter((route) => !wantedKeys.has(placeKey(route))).map(deleteRoute),
  };
}

function missingAddresses(
  attachment: Attachment,
  options: { ifindex: number; found: readonly ObservedAddress[] },
): NetlinkMessage[] {
  const { ifindex, found } = options;
  const there = new Set(found.map(addressKey));
  return attachment.addresses
    .filter((address) => !there.has(addressKey(address)))
    .map((address) => putAddress({ ifindex, ...address }, IFA_F_NODAD | IFA_F_NOPREFIXROUTE));
}

/** The link-local address is the kernel's own business. */
function obsoleteAddresses(attachment: Attachment, found: readonly ObservedAddress[]): NetlinkMessage[] {
  const wanted = new Set(attachment.addresses.map(addressKey));
  return found
    .filter((address) => address.scope !== SCOPE_LINK && !wanted.has(addressKey(address)))
    .map(deleteAddress);
}

function missingNeighbours(
  attachment: Attachment,
  options: { ifindex: number; found: readonly ObservedNeighbour[] },
): NetlinkMessage[] {
  const { ifindex, found } = options;
  return attachment.neighbours
    .filter(
      (wanted) =>
        !found.some(
          (one) =>
            one.permanent &&
            one.ifindex === ifindex &&
            sameAddress(one.address, wanted.address) &&
            one.mac?.value === wanted.mac.value,
        ),
    )
    .map((wanted) => putPermanentNeighbour({ ifindex, ...wanted }));
}

/** Wanted rules are added before unwanted ones are deleted, since some rule must lead to the local table at any time. */
function diffRules(options: {
  attachment: Attachment;
  placed: Placed;
  found: readonly Rule[];
}): NetlinkMessage[] {
  const { attachment, placed, found } = options;
  const there = new Set(found.map(ruleKey));
  const { withoutRules: unwanted } = attachment;
  // Rules of networks carry our mark, since other rules of a pod may look like them.
  const mark = attachment.lookup ? { protocol: ROUTE_PROTOCOL } : {};
  const wanted = placed.rules.map((rule): Rule => ({ ...rule, ...mark }));
  // If nothing was observed (a new pair), all unwanted rules are deleted: a deletion tolerates that the rule does not exist.
  const isThere = (rule: Rule) => found.length === 0 || there.has(ruleKey(rule));
  const obsolete = found.filter((rule) => rule.protocol === ROUTE_PROTOCOL && placed.isObsolete(rule));
  return [
    ...wanted.filter((rule) => !there.has(ruleKey(rule))).map(addRule),
    ...[...unwanted.filter(isThere), ...obsolete].map(deleteRule),
  ];
}

function ruleKey({ family, priority, table, mark, source }: Rule): string {
  const marked = mark === undefined ? '' : `${mark.value}/${mark.mask}`;
  return `${family} ${priority} ${table} ${marked} ${source === undefined ? '' : formatAddress(source)}`;
}

function addressKey({ address, prefixLength }: AttachedAddress): string {
  return `${formatAddress(address)}/${prefixLength}`;
}

/** What distinguishes the routes of an interface; a route is replaced by another one of the same place. */
function placeKey({ table, destination, metric }: Route): string {
  return `${table} ${formatPrefix(destination)} ${metric ?? ''}`;
}

function routeKey({ gateway, source, ...route }: Route): string {
  const text = (address: Address | undefined) => (address === undefined ? '' : formatAddress(address));
  return `${placeKey(route)} via ${text(gateway)} from ${text(source)}`;
}
