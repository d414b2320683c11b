import type { NetlinkMessage } from '../protocol.ts';
import { AF_INET, type Attribute, buildMessage, familyOf, NLM, raw, u32 } from './message.ts';
import { parseAttributes, parseMessage, u32Of } from './parse.ts';

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
  /** 4 or 16 bytes, also when the prefix is empty: it tells the family. */
  readonly destination: Uint8Array;
  readonly prefixLength: number;
  readonly ifindex: number;
  readonly table: number;
  /** Who made it (`rtm_protocol`): only our own are ever pruned. */
  readonly protocol: number;
  /** With it, the gateway is taken as on the link without a look at the addresses. */
  readonly gateway?: Uint8Array;
  readonly source?: Uint8Array;
  readonly mtu?: number;
}

/** Adds a route, or puts it in the place of the one for the same destination. */
export function putRoute(route: Route): NetlinkMessage {
  return buildMessage({
    type: RTM.newRoute,
    flags: NLM.create | NLM.replace,
    header: rtmsg(route),
    attributes: routeAttributes(route),
  });
}

/** Tolerates that it is gone already. */
export function deleteRoute(route: Route): NetlinkMessage {
  return buildMessage({
    type: RTM.delRoute,
    flags: 0,
    header: rtmsg(route),
    attributes: routeAttributes(route),
    tolerate: ['ESRCH', 'ENODEV'],
  });
}

/** Routes of one table and one family, of one interface when it is given. */
export function dumpRoutes(filter: {
  family: number;
  table: number;
  protocol: number;
  ifindex?: number;
}): NetlinkMessage {
  const header = Buffer.alloc(RTMSG_SIZE);
  header.writeUInt8(filter.family, 0);
  header.writeUInt8(filter.protocol, 5);
  const attributes = [u32(RTA.table, filter.table)];
  if (filter.ifindex !== undefined) attributes.push(u32(RTA.oif, filter.ifindex));
  // A table that nothing was ever put into does not exist.
  return buildMessage({
    type: RTM.getRoute,
    flags: NLM.dump,
    header,
    attributes,
    tolerate: ['ENOENT', 'ENODEV'],
  });
}

export function parseRoute(message: Uint8Array): Route {
  const { header, attributes } = parseMessage(message, RTMSG_SIZE);
  const metrics = attributes.get(RTA.metrics);
  const mtu = metrics === undefined ? undefined : u32Of(parseAttributes(metrics).get(RTAX_MTU));
  const gateway = attributes.get(RTA.gateway);
  const source = attributes.get(RTA.prefsrc);
  return {
    destination: attributes.get(RTA.dst) ?? new Uint8Array(header.readUInt8(0) === AF_INET ? 4 : 16),
    prefixLength: header.readUInt8(1),
    ifindex: u32Of(attributes.get(RTA.oif)) ?? 0,
    table: u32Of(attributes.get(RTA.table)) ?? header.readUInt8(4),
    protocol: header.readUInt8(5),
    ...(gateway === undefined ? {} : { gateway }),
    ...(source === undefined ? {} : { source }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

function rtmsg(route: Route): Buffer {
  const header = Buffer.alloc(RTMSG_SIZE);
  header.writeUInt8(familyOf(route.destination), 0);
  header.writeUInt8(route.prefixLength, 1);
  // Tables above 255 do not fit here; the attribute says it for all.
  header.writeUInt8(route.table < 256 ? route.table : 0, 4);
  header.writeUInt8(route.protocol, 5);
  header.writeUInt8(route.gateway === undefined ? SCOPE_LINK : SCOPE_UNIVERSE, 6);
  header.writeUInt8(RTN_UNICAST, 7);
  header.writeUInt32LE(route.gateway === undefined ? 0 : RTNH_F_ONLINK, 8);
  return header;
}

function routeAttributes(route: Route): Attribute[] {
  const attributes = [u32(RTA.oif, route.ifindex), u32(RTA.table, route.table)];
  if (route.prefixLength > 0) attributes.push(raw(RTA.dst, route.destination));
  if (route.gateway !== undefined) attributes.push(raw(RTA.gateway, route.gateway));
  if (route.source !== undefined) attributes.push(raw(RTA.prefsrc, route.source));
  if (familyOf(route.destination) !== AF_INET) attributes.push(u32(RTA.priority, IPV6_DEFAULT_METRIC));
  if (route.mtu !== undefined) {
    attributes.push({ type: RTA.metrics, nested: [u32(RTAX_MTU, route.mtu)] });
  }
  return attributes;
}
