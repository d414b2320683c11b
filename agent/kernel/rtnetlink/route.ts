// SPDX-License-Identifier: Apache-2.0
import type { Address, Family } from '../../../api/net/address.ts';
import { firstAddress, type Prefix } from '../../../api/net/prefix.ts';
import type { NetlinkMessage } from '../protocol.ts';
import { AF, type Attribute, buildMessage, ip, NLM, u32 } from './message.ts';
import { addressOf, parseAttributes, parseMessage, u32Of } from './parse.ts';

const RTM = { newRoute: 24, delRoute: 25, getRoute: 26 } as const;
const RTA = { dst: 1, oif: 4, gateway: 5, priority: 6, prefsrc: 7, metrics: 8, table: 15 } as const;
const RTAX_MTU = 2;
const RTN_UNICAST = 1;
const RTNH_F_ONLINK = 4;
const SCOPE_UNIVERSE = 0;
const SCOPE_LINK = 253;
const RTMSG_SIZE = 12;
/** IPv6 gives every route a metric; saying it makes what is read equal to what was written. */
const IPV6_DEFAULT_METRIC = 1024;

export const TABLE_MAIN = 254;
export const TABLE_LOCAL = 255;

export interface Route {
  readonly destination: Prefix;
  readonly ifindex: number;
  readonly table: number;
  /** The origin of the route (`rtm_protocol`): the agent deletes only routes with its own. */
  readonly protocol: number;
  /** Whether the gateway is taken as on-link, whatever addresses the interface has. */
  readonly gateway?: Address;
  readonly source?: Address;
  /** The lower one wins among routes to one destination; absent: the family's default. */
  readonly metric?: number;
  readonly mtu?: number;
}

/** Adds a route, or replaces the one with the same destination and metric. */
export function putRoute(route: Route): NetlinkMessage {
  return buildMessage({
    type: RTM.newRoute,
    flags: NLM.create | NLM.replace,
    header: rtmsg(route),
    attributes: routeAttributes(route),
  });
}

/** Deletes a route; tolerates that it does not exist. */
export function deleteRoute(route: Route): NetlinkMessage {
  return buildMessage({
    type: RTM.delRoute,
    flags: 0,
    header: rtmsg(route),
    attributes: routeAttributes(route),
    tolerate: ['ESRCH', 'ENODEV'],
  });
}

/** Routes of one table and one family, of one interface when it is given; none when the kernel does not have the family. */
export function dumpRoutes(filter: {
  family: Family;
  table: number;
  protocol: number;
  ifindex?: number;
}): NetlinkMessage {
  const header = Buffer.alloc(RTMSG_SIZE);
  header.writeUInt8(AF[filter.family], 0);
  header.writeUInt8(filter.protocol, 5);
  const attributes = [u32(RTA.table, filter.table)];
  if (filter.ifindex !== undefined) attributes.push(u32(RTA.oif, filter.ifindex));
  // A table that never had a route does not exist.
  return buildMessage({
    type: RTM.getRoute,
    flags: NLM.dump,
    header,
    attributes,
    tolerate: ['ENOENT', 'ENODEV', 'EAFNOSUPPORT', 'EOPNOTSUPP'],
  });
}

export function parseRoute(message: Uint8Array): Route {
  const { header, attributes } = parseMessage(message, RTMSG_SIZE);
  const metrics = attributes.get(RTA.metrics);
  const mtu = metrics === undefined ? undefined : u32Of(parseAttributes(metrics).get(RTAX_MTU));
  const gateway = addressOf(attributes.get(RTA.gateway));
  const source = addressOf(attributes.get(RTA.prefsrc));
  const family = header.readUInt8(0) === AF[4] ? 4 : 6;
  const value = addressOf(attributes.get(RTA.dst))?.value ?? 0n;
  const metric = metricOf(family, u32Of(attributes.get(RTA.priority)));
  return {
    destination: { family, value, length: header.readUInt8(1) },
    ifindex: u32Of(attributes.get(RTA.oif)) ?? 0,
    table: u32Of(attributes.get(RTA.table)) ?? header.readUInt8(4),
    protocol: header.readUInt8(5),
    ...(gateway === undefined ? {} : { gateway }),
    ...(source === undefined ? {} : { source }),
    ...(metric === undefined ? {} : { metric }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function metricOf(family: Family, told: number | undefined): number | undefined {
  return told === 0 || (family === 6 && told === IPV6_DEFAULT_METRIC) ? undefined : told;
}

function rtmsg(route: Route): Buffer {
  const header = Buffer.alloc(RTMSG_SIZE);
  header.writeUInt8(AF[route.destination.family], 0);
  header.writeUInt8(route.destination.length, 1);
  // Tables above 255 do not fit into the struct; the attribute has the table of every route.
  header.writeUInt8(route.table < 256 ? route.table : 0, 4);
  header.writeUInt8(route.protocol, 5);
  header.writeUInt8(route.gateway === undefined ? SCOPE_LINK : SCOPE_UNIVERSE, 6);
  header.writeUInt8(RTN_UNICAST, 7);
  header.writeUInt32LE(route.gateway === undefined ? 0 : RTNH_F_ONLINK, 8);
  return header;
}

function routeAttributes(route: Route): Attribute[] {
  const attributes = [u32(RTA.oif, route.ifindex), u32(RTA.table, route.table)];
  if (route.destination.length > 0) attributes.push(ip(RTA.dst, firstAddress(route.destination)));
  if (route.gateway !== undefined) attributes.push(ip(RTA.gateway, route.gateway));
  if (route.source !== undefined) attributes.push(ip(RTA.prefsrc, route.source));
  const metric = route.metric ?? (route.destination.family === 6 ? IPV6_DEFAULT_METRIC : undefined);
  if (metric !== undefined) attributes.push(u32(RTA.priority, metric));
  if (route.mtu !== undefined) {
    attributes.push({ type: RTA.metrics, nested: [u32(RTAX_MTU, route.mtu)] });
  }
  return attributes;
}
