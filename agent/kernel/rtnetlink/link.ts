// SPDX-License-Identifier: Apache-2.0
import type { Mac } from '../../../api/net/mac.ts';
import type { NetlinkMessage } from '../protocol.ts';
import {
  AF,
  AF_UNSPEC,
  type Attribute,
  buildMessage,
  mac,
  NLM,
  raw,
  text,
  u8,
  u16be,
  u32,
} from './message.ts';
import { macOf, parseAttributes, parseMessage, textOf, u32Of } from './parse.ts';

const RTM = { newLink: 16, delLink: 17, getLink: 18, setLink: 19 } as const;
const IFLA = {
  address: 1,
  ifname: 3,
  mtu: 4,
  link: 5,
  linkInfo: 18,
  ifAlias: 20,
  afSpec: 26,
  netNsFd: 28,
  extMask: 29,
  linkNetnsId: 37,
} as const;
const INFO_KIND = 1;
const INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const VXLAN = { learning: 7, port: 15, zeroCsum6Rx: 20, collectMetadata: 25 } as const;
const INET6_ADDR_GEN_MODE = 8;
const ADDR_GEN_MODE_NONE = 1;
const IFF_UP = 1;
const SKIP_STATS = 8;
const IFINFO_SIZE = 16;

/** One end of a new veth pair. */
export interface NewInterface {
  readonly name: string;
  readonly mac: Mac;
  readonly mtu: number;
}

export interface Link {
  readonly index: number;
  readonly name: string;
  /** The MAC; undefined for a link that is not Ethernet. */
  readonly mac: Mac | undefined;
  readonly mtu: number;
  readonly up: boolean;
  readonly kind: string;
  readonly alias: string;
  /** The index of a veth's other end, in the other end's namespace. */
  readonly peerIndex: number | undefined;
  /** The id, in this namespace, of the other end's namespace, if that is another one. */
  readonly peerNetnsId: number | undefined;
}

/** The link that a message is for, by index or name. */
export type LinkRef = { readonly index: number } | { readonly name: string };

/** Creates a veth pair whose other end is made directly in another namespace, and is never visible in this one. */
export function createVeth(pair: {
  host: NewInterface;
  peer: NewInterface;
  peerNetns: string;
}): NetlinkMessage {
  const peer: Attribute = {
    type: VETH_INFO_PEER,
    prefix: ifinfo({}),
    nested: [...interfaceAttributes(pair.peer), { type: IFLA.netNsFd, netns: pair.peerNetns }],
  };
  return buildMessage({
    type: RTM.newLink,
    flags: NLM.create | NLM.exclusive,
    header: ifinfo({}),
    attributes: [...interfaceAttributes(pair.host), linkInfo('veth', [peer])],
  });
}

/** Creates a veth pair with both ends in this namespace. */
export function createVethPair(one: NewInterface, other: NewInterface): NetlinkMessage {
  const peer: Attribute = {
    type: VETH_INFO_PEER,
    prefix: ifinfo({}),
    nested: interfaceAttributes(other),
  };
  return buildMessage({
    type: RTM.newLink,
    flags: NLM.create | NLM.exclusive,
    header: ifinfo({}),
    attributes: [...interfaceAttributes(one), linkInfo('veth', [peer])],
  });
}

/** The node's one VXLAN device: network, destination and source of each packet come from BPF, over IPv4 and IPv6. */
export function createVxlanExternal(device: NewInterface & { port: number }): NetlinkMessage {
  const data: Attribute[] = [
    u8(VXLAN.collectMetadata, 1),
    u8(VXLAN.learning, 0),
    u16be(VXLAN.port, device.port),
    u8(VXLAN.zeroCsum6Rx, 1),
  ];
  return buildMessage({
    type: RTM.newLink,
    flags: NLM.create | NLM.exclusive,
    header: ifinfo({}),
    attributes: [...interfaceAttributes(device), linkInfo('vxlan', data)],
  });
}

export interface LinkChange {
  readonly up?: boolean;
  readonly mac?: Mac;
  readonly mtu?: number;
  readonly alias?: string;
  /** Only with `index`: a message that names its link by name cannot rename it. */
  readonly newName?: string;
  readonly moveTo?: string;
}

export function setLink(ref: LinkRef, change: LinkChange): NetlinkMessage {
  const attributes: Attribute[] = [];
  if (change.mac !== undefined) attributes.push(mac(IFLA.address, change.mac));
  if (change.mtu !== undefined) attributes.push(u32(IFLA.mtu, change.mtu));
  if (change.alias !== undefined) attributes.push(raw(IFLA.ifAlias, Buffer.from(change.alias)));
  if (change.newName !== undefined) attributes.push(text(IFLA.ifname, change.newName));
  if (change.moveTo !== undefined) attributes.push({ type: IFLA.netNsFd, netns: change.moveTo });
  return buildMessage({
    type: RTM.setLink,
    flags: 0,
    header: ifinfo({ ...('index' in ref ? ref : {}), ...(change.up === undefined ? {} : { up: change.up }) }),
    attributes: [...refAttributes(ref), ...attributes],
  });
}

/**
 * Makes the kernel generate no link-local address for a link; it does not anyway where the link has no IPv6: its MTU is too
 * small, or the kernel has no IPv6 at all.
 */
export function stopAddressGeneration(ref: LinkRef): NetlinkMessage {
  const mode = u8(INET6_ADDR_GEN_MODE, ADDR_GEN_MODE_NONE);
  return buildMessage({
    type: RTM.setLink,
    flags: 0,
    header: ifinfo('index' in ref ? ref : {}),
    attributes: [...refAttributes(ref), { type: IFLA.afSpec, nested: [{ type: AF[6], nested: [mode] }] }],
    tolerate: ['EAFNOSUPPORT'],
  });
}

/** Deletes a link; tolerates that it does not exist. */
export function deleteLink(ref: LinkRef): NetlinkMessage {
  return buildMessage({
    type: RTM.delLink,
    flags: 0,
    header: ifinfo('index' in ref ? ref : {}),
    attributes: refAttributes(ref),
    tolerate: ['ENODEV'],
  });
}

/** Reads one link; the answer is empty if it does not exist. */
export function getLink(ref: LinkRef): NetlinkMessage {
  return buildMessage({
    type: RTM.getLink,
    flags: 0,
    header: ifinfo('index' in ref ? ref : {}),
    attributes: [...refAttributes(ref), u32(IFLA.extMask, SKIP_STATS)],
    tolerate: ['ENODEV'],
  });
}

/** Reads all links of the namespace, or all of one kind. */
export function dumpLinks(kind?: string): NetlinkMessage {
  const filter = kind === undefined ? [] : [linkInfo(kind, [])];
  return buildMessage({
    type: RTM.getLink,
    flags: NLM.dump,
    header: ifinfo({}),
    attributes: [...filter, u32(IFLA.extMask, SKIP_STATS)],
  });
}

export function parseLink(message: Uint8Array): Link {
  const { header, attributes } = parseMessage(message, IFINFO_SIZE);
  const info = attributes.get(IFLA.linkInfo);
  return {
    index: header.readInt32LE(4),
    name: textOf(attributes.get(IFLA.ifname)),
    mac: macOf(attributes.get(IFLA.address)),
    mtu: u32Of(attributes.get(IFLA.mtu)) ?? 0,
    up: (header.readUInt32LE(8) & IFF_UP) !== 0,
    kind: info === undefined ? '' : textOf(parseAttributes(info).get(INFO_KIND)),
    alias: textOf(attributes.get(IFLA.ifAlias)),
    peerIndex: u32Of(attributes.get(IFLA.link)),
    peerNetnsId: u32Of(attributes.get(IFLA.linkNetnsId)),
  };
}

function interfaceAttributes(device: NewInterface): Attribute[] {
  return [text(IFLA.ifname, device.name), mac(IFLA.address, device.mac), u32(IFLA.mtu, device.mtu)];
}

function refAttributes(ref: LinkRef): Attribute[] {
  return 'name' in ref ? [text(IFLA.ifname, ref.name)] : [];
}

function linkInfo(kind: string, data: readonly Attribute[]): Attribute {
  const inner: Attribute[] = [text(INFO_KIND, kind)];
  if (data.length > 0) inner.push({ type: INFO_DATA, nested: data });
  return { type: IFLA.linkInfo, nested: inner };
}

/** `struct ifinfomsg`; without `up` the flags are left as they are. */
function ifinfo(fields: { index?: number; up?: boolean }): Buffer {
  const header = Buffer.alloc(IFINFO_SIZE);
  header.writeUInt8(AF_UNSPEC, 0);
  header.writeInt32LE(fields.index ?? 0, 4);
  if (fields.up !== undefined) {
    header.writeUInt32LE(fields.up ? IFF_UP : 0, 8);
    header.writeUInt32LE(IFF_UP, 12);
  }
  return header;
}
