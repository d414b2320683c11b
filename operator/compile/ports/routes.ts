// SPDX-License-Identifier: Apache-2.0
import { type AcceptedRanges, acceptsRoute, parseAcceptRoutes } from '../../../api/accept-routes.ts';
import { nameSome } from '../../../api/conditions.ts';
import { annotations, formatComplaint, type NetworkRoute, type Port } from '../../../api/index.ts';
import { keyOfRef } from '../../../api/key.ts';
import { tryParsePrefix } from '../../../api/net/prefix.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { Pod } from '../../observe/stores.ts';
import type { NetworkView, Rerouted } from './types.ts';

// The routes of guests: pods of another namespace than their network's. A guest has the routes that the network had when
// it joined, and those that it accepts by its annotation. So the owner of a network cannot lead the packets of running
// pods of others away.

/** The routes of a guest that joins now; nothing for a pod of the network's own namespace. */
export function joinRoutes(
  pod: Pod,
  network: NetworkView,
): Pick<Port['spec'], 'joinedRoutes' | 'routes'> | undefined {
  if (pod.metadata.namespace === network.namespace) return {};
  if (network.routes === undefined) return undefined;
  const cidrs = network.routes.filter(isForGuests).map(({ cidr }) => cidr);
  return { joinedRoutes: cidrs, routes: cidrs };
}

/** What must be written into the Port of a guest, if its routes have changed. */
export function rerouteGuest(pod: Pod, port: Port, network: NetworkView | undefined): Rerouted | undefined {
  const offered = network?.routes;
  if (network === undefined || offered === undefined || pod.metadata.namespace === network.namespace) {
    return undefined;
  }
  const { joinedRoutes, routes: before } = port.spec;
  const all = offered.map(({ cidr }) => cidr);
  // An earlier release has made this Port: it keeps what it has now.
  if (joinedRoutes === undefined) {
    return { port, spec: { joinedRoutes: all, routes: all }, remark: undefined };
  }
  const accepted = acceptedBy(pod);
  const joined = new Set(joinedRoutes);
  const routes = offered
    .filter((route) => joined.has(route.cidr) || accepts(accepted, route))
    .map(({ cidr }) => cidr);
  if (before !== undefined && areSame(before, routes)) return undefined;
  return { port, spec: { routes }, remark: changeRemark(port, before ?? [], routes) };
}

/** Routes that the network has now and a guest does not take, as a remark; undefined if there are none. */
export function offeredRemark(port: Port, network: NetworkView | undefined): Remark<'Pod'> | undefined {
  const { joinedRoutes, routes } = port.spec;
  if (joinedRoutes === undefined || network?.routes === undefined) return undefined;
  const known = new Set([...joinedRoutes, ...(routes ?? [])]);
  const fresh = network.routes.filter(isForGuests).flatMap(({ cidr }) => (known.has(cidr) ? [] : [cidr]));
  if (fresh.length === 0) return undefined;
  const message = `${placeOf(port)} has routes now that came after this pod had joined: ${nameSome(fresh)}; they are not routed in this pod. To accept them, set its annotation ${annotations.acceptRoutes} to these ranges or to all`;
  return { type: 'Normal', reason: 'RoutesNotAccepted', message };
}

/** Complaints about the annotation of a pod that is on a network of another namespace. */
export function acceptNotes(pod: Pod, ports: readonly Port[]): Remark<'Pod'>[] {
  const isGuest = ports.some(({ spec }) => spec.network && spec.network.namespace !== pod.metadata.namespace);
  const parsed = parseAcceptRoutes(pod.metadata.annotations[annotations.acceptRoutes]);
  if (!isGuest || parsed.ok) return [];
  const message = `annotation ${formatComplaint(parsed.complaint)}; nothing is accepted until it is corrected or removed`;
  return [{ type: 'Warning', reason: 'InvalidAcceptRoutes', message }];
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((cidr) => b.includes(cidr));
}

function isForGuests({ clusterRanges }: NetworkRoute): boolean {
  return clusterRanges !== 'Kept';
}

function acceptedBy({ metadata }: Pod): AcceptedRanges {
  const parsed = parseAcceptRoutes(metadata.annotations[annotations.acceptRoutes]);
  return parsed.ok ? parsed.value : [];
}

function accepts(accepted: AcceptedRanges, route: NetworkRoute): boolean {
  const prefix = tryParsePrefix(route.cidr);
  return isForGuests(route) && prefix !== undefined && acceptsRoute(accepted, prefix);
}

function changeRemark(port: Port, before: readonly string[], now: readonly string[]): Remark<'Pod'> {
  const added = now.filter((cidr) => !before.includes(cidr));
  const removed = before.filter((cidr) => !now.includes(cidr));
  const parts = [
    ...(added.length > 0 ? [`${nameSome(added, 8)} added`] : []),
    ...(removed.length > 0 ? [`${nameSome(removed, 8)} removed`] : []),
  ];
  return {
    type: 'Normal',
    reason: 'RoutesChanged',
    message: `routes of ${placeOf(port)}: ${parts.join('; ')}`,
  };
}

function placeOf({ spec }: Port): string {
  return `interface ${spec.interface} on network ${spec.network ? keyOfRef(spec.network) : ''}`;
}
