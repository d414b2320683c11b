// Generated from agent/bpf/maps.h by `npm run generate`. Do not edit.
// SPDX-License-Identifier: Apache-2.0

/** An address as the data path has it: 16 bytes in network order, IPv4 mapped (::ffff:a.b.c.d). */
export type AddressBytes = Uint8Array;

/** Names the directory of the maps: of their layout. */
export const layoutHash = '8d069b93c53d';

export const RULES_PER_SEGMENT = 64;
export const MAX_SEGMENTS = 16;
export const MAX_HOPS = 16;
export const TABLE_SLOTS = 2039;
export const TABLE_SIZE = 2048;
export const MAX_BOUNCES = 3;
export const PORT_F_INSTANCE = 1;
export const PORT_F_LEFT = 2;
export const PORT_F_RIGHT = 4;
export const ENDPOINT_F_PORT = 1;
export const ENDPOINT_F_VTEP_V6 = 2;
export const ENDPOINT_F_BACKEND = 8;
export const ENDPOINT_F_VIRTUAL = 4;
export const NETWORK_F_ENDS = 1;
export const RULE_F_REPLY = 1;
export const PATH_F_AMBIGUOUS = 1;
export const PATH_F_REWRITES = 2;
export const PATH_F_STRAIGHT = 4;
export const PATH_F_TRANSLATED = 8;
export const PATH_F_ANY_SOURCE = 16;
export const PATH_F_ANY_BEHIND = 32;
export const HOP_F_OPEN = 1;
export const HOP_F_REWRITES = 2;
export const INSTANCE_F_VTEP_V6 = 2;
export const INSTANCE_F_DOWN = 4;
export const INSTANCE_F_LEAVING = 8;
export const FLOW_PIN = 0;
export const FLOW_NOTE = 4;
export const FLOW_OPENER = 7;
export const SEGMENT_NONE = 31;
export const FLOW_F_OPENER_IS_LOW = 1;
export const FLOW_F_OPENER_KNOWN = 2;
export const END_F_POD_IS_LOW = 1;
export const END_F_ANSWERS = 2;
export const END_F_ANSWERED = 4;
export const SOURCE_F_BALANCED = 1;
export const SOURCE_F_SEVERAL = 2;
export const SOURCE_F_ENDED = 4;
export const SIDE_F_FROM = 1;
export const SIDE_F_TO = 2;
export const SIDE_F_BEHIND = 4;
export const LRU_FLOWS = 0;
export const LRU_ENDS = 1;
export const LRU_FRAGMENTS = 2;
export const LRU_SOURCES = 3;
export const LRUS = 4;
export const PROBE_PAYLOAD = 28;
export const FLOW_ENTRIES = 65536;
export const END_ENTRIES = 65536;
export const SOURCE_ENTRIES = 65536;
export const FRAGMENT_ENTRIES = 8192;

/** Names of the counters of what else happened, by index in the map `events`. */
export const pathEvents = [
  'flow_added',
  'flow_moved',
  'bounced',
  'noted',
  'too_big_sent',
  'confirmed',
  'straight',
  'end_added',
  'flow_spilled',
  'end_spilled',
  'fragment_spilled',
  'source_spilled',
  'port_moved',
  'encapsulated',
  'by_device',
] as const;

export interface RulesKey {
  readonly sourceClass: bigint;
  readonly destinationClass: bigint;
  readonly segment: number;
  readonly bank: number;
}
export const SIZE_OF_RULES_KEY = 24;
export function writeRulesKey(out: DataView, at: number, value: RulesKey): void {
  out.setBigUint64(at, value.sourceClass, true);
  out.setBigUint64(at + 8, value.destinationClass, true);
  out.setUint32(at + 16, value.segment, true);
  out.setUint32(at + 20, value.bank, true);
}
export function encodeRulesKey(value: RulesKey): Uint8Array {
  const bytes = new Uint8Array(24);
  writeRulesKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readRulesKey(data: DataView, at = 0): RulesKey {
  return {
    sourceClass: data.getBigUint64(at, true),
    destinationClass: data.getBigUint64(at + 8, true),
    segment: data.getUint32(at + 16, true),
    bank: data.getUint32(at + 20, true),
  };
}
export function decodeRulesKey(bytes: Uint8Array): RulesKey {
  return readRulesKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Rule {
  readonly path: number;
  readonly protocol: number;
  readonly flags: number;
  readonly portFirst: number;
  readonly portLast: number;
}
export const SIZE_OF_RULE = 12;
export function writeRule(out: DataView, at: number, value: Rule): void {
  out.setUint32(at, value.path, true);
  out.setUint8(at + 4, value.protocol);
  out.setUint8(at + 5, value.flags);
  out.setUint16(at + 6, value.portFirst, true);
  out.setUint16(at + 8, value.portLast, true);
}
export function encodeRule(value: Rule): Uint8Array {
  const bytes = new Uint8Array(12);
  writeRule(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readRule(data: DataView, at = 0): Rule {
  return {
    path: data.getUint32(at, true),
    protocol: data.getUint8(at + 4),
    flags: data.getUint8(at + 5),
    portFirst: data.getUint16(at + 6, true),
    portLast: data.getUint16(at + 8, true),
  };
}
export function decodeRule(bytes: Uint8Array): Rule {
  return readRule(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Rules {
  readonly count: number;
  readonly more: number;
  readonly rule: readonly Rule[];
}
export const SIZE_OF_RULES = 776;
export function writeRules(out: DataView, at: number, value: Rules): void {
  out.setUint32(at, value.count, true);
  out.setUint32(at + 4, value.more, true);
  for (const [index, element] of value.rule.entries()) {
    writeRule(out, at + 8 + index * 12, element);
  }
}
export function encodeRules(value: Rules): Uint8Array {
  const bytes = new Uint8Array(776);
  writeRules(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readRules(data: DataView, at = 0): Rules {
  return {
    count: data.getUint32(at, true),
    more: data.getUint32(at + 4, true),
    rule: Array.from({ length: 64 }, (_, index) => readRule(data, at + 8 + index * 12)),
  };
}
export function decodeRules(bytes: Uint8Array): Rules {
  return readRules(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Network {
  readonly mtu: number;
  readonly bank: number;
  readonly flags: number;
}
export const SIZE_OF_NETWORK = 16;
export function writeNetwork(out: DataView, at: number, value: Network): void {
  out.setUint32(at, value.mtu, true);
  out.setUint32(at + 4, value.bank, true);
  out.setUint32(at + 8, value.flags, true);
}
export function encodeNetwork(value: Network): Uint8Array {
  const bytes = new Uint8Array(16);
  writeNetwork(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readNetwork(data: DataView, at = 0): Network {
  return {
    mtu: data.getUint32(at, true),
    bank: data.getUint32(at + 4, true),
    flags: data.getUint32(at + 8, true),
  };
}
export function decodeNetwork(bytes: Uint8Array): Network {
  return readNetwork(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Port {
  readonly pool: bigint;
  readonly vni: number;
  readonly instance: number;
  readonly flags: number;
  readonly mac: Uint8Array;
  readonly mtu: number;
}
export const SIZE_OF_PORT = 32;
export function writePort(out: DataView, at: number, value: Port): void {
  out.setBigUint64(at, value.pool, true);
  out.setUint32(at + 8, value.vni, true);
  out.setUint32(at + 12, value.instance, true);
  out.setUint32(at + 16, value.flags, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 20, 6).set(value.mac);
  out.setUint16(at + 26, value.mtu, true);
}
export function encodePort(value: Port): Uint8Array {
  const bytes = new Uint8Array(32);
  writePort(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readPort(data: DataView, at = 0): Port {
  return {
    pool: data.getBigUint64(at, true),
    vni: data.getUint32(at + 8, true),
    instance: data.getUint32(at + 12, true),
    flags: data.getUint32(at + 16, true),
    mac: new Uint8Array(data.buffer, data.byteOffset + at + 20, 6).slice(),
    mtu: data.getUint16(at + 26, true),
  };
}
export function decodePort(bytes: Uint8Array): Port {
  return readPort(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}
export const SIZE_OF_TRAFFIC = 16;
export function writeTraffic(out: DataView, at: number, value: Traffic): void {
  out.setBigUint64(at, value.packets, true);
  out.setBigUint64(at + 8, value.bytes, true);
}
export function encodeTraffic(value: Traffic): Uint8Array {
  const bytes = new Uint8Array(16);
  writeTraffic(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readTraffic(data: DataView, at = 0): Traffic {
  return {
    packets: data.getBigUint64(at, true),
    bytes: data.getBigUint64(at + 8, true),
  };
}
export function decodeTraffic(bytes: Uint8Array): Traffic {
  return readTraffic(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface AddressKey {
  readonly vni: number;
  readonly address: AddressBytes;
}
export const SIZE_OF_ADDRESS_KEY = 20;
export function writeAddressKey(out: DataView, at: number, value: AddressKey): void {
  out.setUint32(at, value.vni, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 4, 16).set(value.address);
}
export function encodeAddressKey(value: AddressKey): Uint8Array {
  const bytes = new Uint8Array(20);
  writeAddressKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readAddressKey(data: DataView, at = 0): AddressKey {
  return {
    vni: data.getUint32(at, true),
    address: new Uint8Array(data.buffer, data.byteOffset + at + 4, 16).slice(),
  };
}
export function decodeAddressKey(bytes: Uint8Array): AddressKey {
  return readAddressKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Host {
  readonly classId: readonly bigint[];
  readonly ifindex: number;
  readonly vtep: AddressBytes;
  readonly mac: Uint8Array;
  readonly flags: number;
}
export const SIZE_OF_HOST = 48;
export function writeHost(out: DataView, at: number, value: Host): void {
  for (const [index, element] of value.classId.entries()) {
    out.setBigUint64(at + index * 8, element, true);
  }
  out.setUint32(at + 16, value.ifindex, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 20, 16).set(value.vtep);
  new Uint8Array(out.buffer, out.byteOffset + at + 36, 6).set(value.mac);
  out.setUint16(at + 42, value.flags, true);
}
export function encodeHost(value: Host): Uint8Array {
  const bytes = new Uint8Array(48);
  writeHost(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readHost(data: DataView, at = 0): Host {
  return {
    classId: Array.from({ length: 2 }, (_, index) => data.getBigUint64(at + index * 8, true)),
    ifindex: data.getUint32(at + 16, true),
    vtep: new Uint8Array(data.buffer, data.byteOffset + at + 20, 16).slice(),
    mac: new Uint8Array(data.buffer, data.byteOffset + at + 36, 6).slice(),
    flags: data.getUint16(at + 42, true),
  };
}
export function decodeHost(bytes: Uint8Array): Host {
  return readHost(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface PrefixKey {
  readonly prefixlen: number;
  readonly vni: number;
  readonly address: AddressBytes;
}
export const SIZE_OF_PREFIX_KEY = 24;
export function writePrefixKey(out: DataView, at: number, value: PrefixKey): void {
  out.setUint32(at, value.prefixlen, true);
  out.setUint32(at + 4, value.vni, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 8, 16).set(value.address);
}
export function encodePrefixKey(value: PrefixKey): Uint8Array {
  const bytes = new Uint8Array(24);
  writePrefixKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readPrefixKey(data: DataView, at = 0): PrefixKey {
  return {
    prefixlen: data.getUint32(at, true),
    vni: data.getUint32(at + 4, true),
    address: new Uint8Array(data.buffer, data.byteOffset + at + 8, 16).slice(),
  };
}
export function decodePrefixKey(bytes: Uint8Array): PrefixKey {
  return readPrefixKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Endpoint {
  readonly classId: readonly bigint[];
  readonly ifindex: number;
  readonly vtep: AddressBytes;
  readonly mac: Uint8Array;
  readonly flags: number;
}
export const SIZE_OF_ENDPOINT = 48;
export function writeEndpoint(out: DataView, at: number, value: Endpoint): void {
  for (const [index, element] of value.classId.entries()) {
    out.setBigUint64(at + index * 8, element, true);
  }
  out.setUint32(at + 16, value.ifindex, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 20, 16).set(value.vtep);
  new Uint8Array(out.buffer, out.byteOffset + at + 36, 6).set(value.mac);
  out.setUint16(at + 42, value.flags, true);
}
export function encodeEndpoint(value: Endpoint): Uint8Array {
  const bytes = new Uint8Array(48);
  writeEndpoint(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readEndpoint(data: DataView, at = 0): Endpoint {
  return {
    classId: Array.from({ length: 2 }, (_, index) => data.getBigUint64(at + index * 8, true)),
    ifindex: data.getUint32(at + 16, true),
    vtep: new Uint8Array(data.buffer, data.byteOffset + at + 20, 16).slice(),
    mac: new Uint8Array(data.buffer, data.byteOffset + at + 36, 6).slice(),
    flags: data.getUint16(at + 42, true),
  };
}
export function decodeEndpoint(bytes: Uint8Array): Endpoint {
  return readEndpoint(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Path {
  readonly vni: number;
  readonly hops: number;
  readonly bank: number;
  readonly flags: number;
  readonly epoch: number;
}
export const SIZE_OF_PATH = 16;
export function writePath(out: DataView, at: number, value: Path): void {
  out.setUint32(at, value.vni, true);
  out.setUint8(at + 4, value.hops);
  out.setUint8(at + 5, value.bank);
  out.setUint16(at + 6, value.flags, true);
  out.setUint32(at + 8, value.epoch, true);
}
export function encodePath(value: Path): Uint8Array {
  const bytes = new Uint8Array(16);
  writePath(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readPath(data: DataView, at = 0): Path {
  return {
    vni: data.getUint32(at, true),
    hops: data.getUint8(at + 4),
    bank: data.getUint8(at + 5),
    flags: data.getUint16(at + 6, true),
    epoch: data.getUint32(at + 8, true),
  };
}
export function decodePath(bytes: Uint8Array): Path {
  return readPath(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface HopKey {
  readonly path: number;
  readonly slot: number;
}
export const SIZE_OF_HOP_KEY = 4;
export function writeHopKey(out: DataView, at: number, value: HopKey): void {
  out.setUint16(at, value.path, true);
  out.setUint16(at + 2, value.slot, true);
}
export function encodeHopKey(value: HopKey): Uint8Array {
  const bytes = new Uint8Array(4);
  writeHopKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readHopKey(data: DataView, at = 0): HopKey {
  return {
    path: data.getUint16(at, true),
    slot: data.getUint16(at + 2, true),
  };
}
export function decodeHopKey(bytes: Uint8Array): HopKey {
  return readHopKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Hop {
  readonly pool: bigint;
  readonly flags: number;
  readonly count: number;
  readonly instance: number;
}
export const SIZE_OF_HOP = 24;
export function writeHop(out: DataView, at: number, value: Hop): void {
  out.setBigUint64(at, value.pool, true);
  out.setUint32(at + 8, value.flags, true);
  out.setUint32(at + 12, value.count, true);
  out.setUint32(at + 16, value.instance, true);
}
export function encodeHop(value: Hop): Uint8Array {
  const bytes = new Uint8Array(24);
  writeHop(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readHop(data: DataView, at = 0): Hop {
  return {
    pool: data.getBigUint64(at, true),
    flags: data.getUint32(at + 8, true),
    count: data.getUint32(at + 12, true),
    instance: data.getUint32(at + 16, true),
  };
}
export function decodeHop(bytes: Uint8Array): Hop {
  return readHop(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Instance {
  readonly pool: bigint;
  readonly ifindex: number;
  readonly flags: number;
  readonly vtep: AddressBytes;
  readonly right: number;
}
export const SIZE_OF_INSTANCE = 40;
export function writeInstance(out: DataView, at: number, value: Instance): void {
  out.setBigUint64(at, value.pool, true);
  out.setUint32(at + 8, value.ifindex, true);
  out.setUint32(at + 12, value.flags, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 16, 16).set(value.vtep);
  out.setUint32(at + 36, value.right, true);
}
export function encodeInstance(value: Instance): Uint8Array {
  const bytes = new Uint8Array(40);
  writeInstance(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readInstance(data: DataView, at = 0): Instance {
  return {
    pool: data.getBigUint64(at, true),
    ifindex: data.getUint32(at + 8, true),
    flags: data.getUint32(at + 12, true),
    vtep: new Uint8Array(data.buffer, data.byteOffset + at + 16, 16).slice(),
    right: data.getUint32(at + 36, true),
  };
}
export function decodeInstance(bytes: Uint8Array): Instance {
  return readInstance(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Table {
  readonly slot: readonly number[];
}
export const SIZE_OF_TABLE = 4096;
export function writeTable(out: DataView, at: number, value: Table): void {
  for (const [index, element] of value.slot.entries()) {
    out.setUint16(at + index * 2, element, true);
  }
}
export function encodeTable(value: Table): Uint8Array {
  const bytes = new Uint8Array(4096);
  writeTable(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readTable(data: DataView, at = 0): Table {
  return {
    slot: Array.from({ length: 2048 }, (_, index) => data.getUint16(at + index * 2, true)),
  };
}
export function decodeTable(bytes: Uint8Array): Table {
  return readTable(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface ListenerKey {
  readonly path: number;
  readonly protocol: number;
  readonly family: number;
  readonly targetPort: number;
}
export const SIZE_OF_LISTENER_KEY = 8;
export function writeListenerKey(out: DataView, at: number, value: ListenerKey): void {
  out.setUint32(at, value.path, true);
  out.setUint8(at + 4, value.protocol);
  out.setUint8(at + 5, value.family);
  out.setUint16(at + 6, value.targetPort, true);
}
export function encodeListenerKey(value: ListenerKey): Uint8Array {
  const bytes = new Uint8Array(8);
  writeListenerKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readListenerKey(data: DataView, at = 0): ListenerKey {
  return {
    path: data.getUint32(at, true),
    protocol: data.getUint8(at + 4),
    family: data.getUint8(at + 5),
    targetPort: data.getUint16(at + 6, true),
  };
}
export function decodeListenerKey(bytes: Uint8Array): ListenerKey {
  return readListenerKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Listener {
  readonly address: AddressBytes;
  readonly port: number;
}
export const SIZE_OF_LISTENER = 20;
export function writeListener(out: DataView, at: number, value: Listener): void {
  new Uint8Array(out.buffer, out.byteOffset + at, 16).set(value.address);
  out.setUint16(at + 16, value.port, true);
}
export function encodeListener(value: Listener): Uint8Array {
  const bytes = new Uint8Array(20);
  writeListener(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readListener(data: DataView, at = 0): Listener {
  return {
    address: new Uint8Array(data.buffer, data.byteOffset + at, 16).slice(),
    port: data.getUint16(at + 16, true),
  };
}
export function decodeListener(bytes: Uint8Array): Listener {
  return readListener(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface SideKey {
  readonly classId: bigint;
  readonly path: number;
}
export const SIZE_OF_SIDE_KEY = 16;
export function writeSideKey(out: DataView, at: number, value: SideKey): void {
  out.setBigUint64(at, value.classId, true);
  out.setUint32(at + 8, value.path, true);
}
export function encodeSideKey(value: SideKey): Uint8Array {
  const bytes = new Uint8Array(16);
  writeSideKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readSideKey(data: DataView, at = 0): SideKey {
  return {
    classId: data.getBigUint64(at, true),
    path: data.getUint32(at + 8, true),
  };
}
export function decodeSideKey(bytes: Uint8Array): SideKey {
  return readSideKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Side {
  readonly flags: number;
}
export const SIZE_OF_SIDE = 4;
export function writeSide(out: DataView, at: number, value: Side): void {
  out.setUint32(at, value.flags, true);
}
export function encodeSide(value: Side): Uint8Array {
  const bytes = new Uint8Array(4);
  writeSide(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readSide(data: DataView, at = 0): Side {
  return {
    flags: data.getUint32(at, true),
  };
}
export function decodeSide(bytes: Uint8Array): Side {
  return readSide(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface FlowKey {
  readonly path: number;
  readonly segment: number;
  readonly kind: number;
  readonly protocol: number;
  readonly low: AddressBytes;
  readonly high: AddressBytes;
  readonly lowPort: number;
  readonly highPort: number;
}
export const SIZE_OF_FLOW_KEY = 40;
export function writeFlowKey(out: DataView, at: number, value: FlowKey): void {
  out.setUint16(at, value.path, true);
  out.setUint8(at + 2, (out.getUint8(at + 2) & 224) | ((value.segment & 31) << 0));
  out.setUint8(at + 2, (out.getUint8(at + 2) & 31) | ((value.kind & 7) << 5));
  out.setUint8(at + 3, value.protocol);
  new Uint8Array(out.buffer, out.byteOffset + at + 4, 16).set(value.low);
  new Uint8Array(out.buffer, out.byteOffset + at + 20, 16).set(value.high);
  out.setUint16(at + 36, value.lowPort, true);
  out.setUint16(at + 38, value.highPort, true);
}
export function encodeFlowKey(value: FlowKey): Uint8Array {
  const bytes = new Uint8Array(40);
  writeFlowKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readFlowKey(data: DataView, at = 0): FlowKey {
  return {
    path: data.getUint16(at, true),
    segment: (data.getUint8(at + 2) >> 0) & 31,
    kind: (data.getUint8(at + 2) >> 5) & 7,
    protocol: data.getUint8(at + 3),
    low: new Uint8Array(data.buffer, data.byteOffset + at + 4, 16).slice(),
    high: new Uint8Array(data.buffer, data.byteOffset + at + 20, 16).slice(),
    lowPort: data.getUint16(at + 36, true),
    highPort: data.getUint16(at + 38, true),
  };
}
export function decodeFlowKey(bytes: Uint8Array): FlowKey {
  return readFlowKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Flow {
  readonly left: number;
  readonly right: number;
  readonly flags: number;
  readonly straightUntil: number;
  readonly straightEpoch: number;
  readonly confirmedAt: number;
  readonly checkedAt: number;
}
export const SIZE_OF_FLOW = 24;
export function writeFlow(out: DataView, at: number, value: Flow): void {
  out.setUint16(at, value.left, true);
  out.setUint16(at + 2, value.right, true);
  out.setUint32(at + 4, value.flags, true);
  out.setUint32(at + 8, value.straightUntil, true);
  out.setUint32(at + 12, value.straightEpoch, true);
  out.setUint32(at + 16, value.confirmedAt, true);
  out.setUint32(at + 20, value.checkedAt, true);
}
export function encodeFlow(value: Flow): Uint8Array {
  const bytes = new Uint8Array(24);
  writeFlow(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readFlow(data: DataView, at = 0): Flow {
  return {
    left: data.getUint16(at, true),
    right: data.getUint16(at + 2, true),
    flags: data.getUint32(at + 4, true),
    straightUntil: data.getUint32(at + 8, true),
    straightEpoch: data.getUint32(at + 12, true),
    confirmedAt: data.getUint32(at + 16, true),
    checkedAt: data.getUint32(at + 20, true),
  };
}
export function decodeFlow(bytes: Uint8Array): Flow {
  return readFlow(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface EndKey {
  readonly vni: number;
  readonly lowPort: number;
  readonly highPort: number;
  readonly low: AddressBytes;
  readonly high: AddressBytes;
  readonly protocol: number;
}
export const SIZE_OF_END_KEY = 44;
export function writeEndKey(out: DataView, at: number, value: EndKey): void {
  out.setUint32(at, value.vni, true);
  out.setUint16(at + 4, value.lowPort, true);
  out.setUint16(at + 6, value.highPort, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 8, 16).set(value.low);
  new Uint8Array(out.buffer, out.byteOffset + at + 24, 16).set(value.high);
  out.setUint32(at + 40, value.protocol, true);
}
export function encodeEndKey(value: EndKey): Uint8Array {
  const bytes = new Uint8Array(44);
  writeEndKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readEndKey(data: DataView, at = 0): EndKey {
  return {
    vni: data.getUint32(at, true),
    lowPort: data.getUint16(at + 4, true),
    highPort: data.getUint16(at + 6, true),
    low: new Uint8Array(data.buffer, data.byteOffset + at + 8, 16).slice(),
    high: new Uint8Array(data.buffer, data.byteOffset + at + 24, 16).slice(),
    protocol: data.getUint32(at + 40, true),
  };
}
export function decodeEndKey(bytes: Uint8Array): EndKey {
  return readEndKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface End {
  readonly path: number;
  readonly flags: number;
  readonly seen: number;
  readonly port: number;
  readonly address: AddressBytes;
  readonly until: number;
  readonly epoch: number;
  readonly toldAt: number;
}
export const SIZE_OF_END = 36;
export function writeEnd(out: DataView, at: number, value: End): void {
  out.setUint32(at, value.path, true);
  out.setUint8(at + 4, value.flags);
  out.setUint8(at + 5, value.seen);
  out.setUint16(at + 6, value.port, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 8, 16).set(value.address);
  out.setUint32(at + 24, value.until, true);
  out.setUint32(at + 28, value.epoch, true);
  out.setUint32(at + 32, value.toldAt, true);
}
export function encodeEnd(value: End): Uint8Array {
  const bytes = new Uint8Array(36);
  writeEnd(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readEnd(data: DataView, at = 0): End {
  return {
    path: data.getUint32(at, true),
    flags: data.getUint8(at + 4),
    seen: data.getUint8(at + 5),
    port: data.getUint16(at + 6, true),
    address: new Uint8Array(data.buffer, data.byteOffset + at + 8, 16).slice(),
    until: data.getUint32(at + 24, true),
    epoch: data.getUint32(at + 28, true),
    toldAt: data.getUint32(at + 32, true),
  };
}
export function decodeEnd(bytes: Uint8Array): End {
  return readEnd(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface SourceKey {
  readonly vni: number;
  readonly port: number;
  readonly farPort: number;
  readonly pod: AddressBytes;
  readonly far: AddressBytes;
  readonly protocol: number;
}
export const SIZE_OF_SOURCE_KEY = 44;
export function writeSourceKey(out: DataView, at: number, value: SourceKey): void {
  out.setUint32(at, value.vni, true);
  out.setUint16(at + 4, value.port, true);
  out.setUint16(at + 6, value.farPort, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 8, 16).set(value.pod);
  new Uint8Array(out.buffer, out.byteOffset + at + 24, 16).set(value.far);
  out.setUint32(at + 40, value.protocol, true);
}
export function encodeSourceKey(value: SourceKey): Uint8Array {
  const bytes = new Uint8Array(44);
  writeSourceKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readSourceKey(data: DataView, at = 0): SourceKey {
  return {
    vni: data.getUint32(at, true),
    port: data.getUint16(at + 4, true),
    farPort: data.getUint16(at + 6, true),
    pod: new Uint8Array(data.buffer, data.byteOffset + at + 8, 16).slice(),
    far: new Uint8Array(data.buffer, data.byteOffset + at + 24, 16).slice(),
    protocol: data.getUint32(at + 40, true),
  };
}
export function decodeSourceKey(bytes: Uint8Array): SourceKey {
  return readSourceKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Source {
  readonly far: AddressBytes;
  readonly farPort: number;
  readonly port: number;
  readonly flags: number;
  readonly path: number;
  readonly seen: number;
}
export const SIZE_OF_SOURCE = 32;
export function writeSource(out: DataView, at: number, value: Source): void {
  new Uint8Array(out.buffer, out.byteOffset + at, 16).set(value.far);
  out.setUint16(at + 16, value.farPort, true);
  out.setUint16(at + 18, value.port, true);
  out.setUint32(at + 20, value.flags, true);
  out.setUint32(at + 24, value.path, true);
  out.setUint32(at + 28, value.seen, true);
}
export function encodeSource(value: Source): Uint8Array {
  const bytes = new Uint8Array(32);
  writeSource(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readSource(data: DataView, at = 0): Source {
  return {
    far: new Uint8Array(data.buffer, data.byteOffset + at, 16).slice(),
    farPort: data.getUint16(at + 16, true),
    port: data.getUint16(at + 18, true),
    flags: data.getUint32(at + 20, true),
    path: data.getUint32(at + 24, true),
    seen: data.getUint32(at + 28, true),
  };
}
export function decodeSource(bytes: Uint8Array): Source {
  return readSource(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface FragmentKey {
  readonly scope: number;
  readonly source: AddressBytes;
  readonly destination: AddressBytes;
  readonly id: number;
  readonly protocol: number;
}
export const SIZE_OF_FRAGMENT_KEY = 44;
export function writeFragmentKey(out: DataView, at: number, value: FragmentKey): void {
  out.setUint32(at, value.scope, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 4, 16).set(value.source);
  new Uint8Array(out.buffer, out.byteOffset + at + 20, 16).set(value.destination);
  out.setUint32(at + 36, value.id, true);
  out.setUint32(at + 40, value.protocol, true);
}
export function encodeFragmentKey(value: FragmentKey): Uint8Array {
  const bytes = new Uint8Array(44);
  writeFragmentKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readFragmentKey(data: DataView, at = 0): FragmentKey {
  return {
    scope: data.getUint32(at, true),
    source: new Uint8Array(data.buffer, data.byteOffset + at + 4, 16).slice(),
    destination: new Uint8Array(data.buffer, data.byteOffset + at + 20, 16).slice(),
    id: data.getUint32(at + 36, true),
    protocol: data.getUint32(at + 40, true),
  };
}
export function decodeFragmentKey(bytes: Uint8Array): FragmentKey {
  return readFragmentKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Fragment {
  readonly sourcePort: number;
  readonly destinationPort: number;
}
export const SIZE_OF_FRAGMENT = 4;
export function writeFragment(out: DataView, at: number, value: Fragment): void {
  out.setUint16(at, value.sourcePort, true);
  out.setUint16(at + 2, value.destinationPort, true);
}
export function encodeFragment(value: Fragment): Uint8Array {
  const bytes = new Uint8Array(4);
  writeFragment(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readFragment(data: DataView, at = 0): Fragment {
  return {
    sourcePort: data.getUint16(at, true),
    destinationPort: data.getUint16(at + 2, true),
  };
}
export function decodeFragment(bytes: Uint8Array): Fragment {
  return readFragment(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface BudgetKey {
  readonly vni: number;
  readonly lru: number;
  readonly sender: AddressBytes;
}
export const SIZE_OF_BUDGET_KEY = 24;
export function writeBudgetKey(out: DataView, at: number, value: BudgetKey): void {
  out.setUint32(at, value.vni, true);
  out.setUint32(at + 4, value.lru, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 8, 16).set(value.sender);
}
export function encodeBudgetKey(value: BudgetKey): Uint8Array {
  const bytes = new Uint8Array(24);
  writeBudgetKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readBudgetKey(data: DataView, at = 0): BudgetKey {
  return {
    vni: data.getUint32(at, true),
    lru: data.getUint32(at + 4, true),
    sender: new Uint8Array(data.buffer, data.byteOffset + at + 8, 16).slice(),
  };
}
export function decodeBudgetKey(bytes: Uint8Array): BudgetKey {
  return readBudgetKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Budget {
  readonly spentUntil: bigint;
}
export const SIZE_OF_BUDGET = 8;
export function writeBudget(out: DataView, at: number, value: Budget): void {
  out.setBigUint64(at, value.spentUntil, true);
}
export function encodeBudget(value: Budget): Uint8Array {
  const bytes = new Uint8Array(8);
  writeBudget(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readBudget(data: DataView, at = 0): Budget {
  return {
    spentUntil: data.getBigUint64(at, true),
  };
}
export function decodeBudget(bytes: Uint8Array): Budget {
  return readBudget(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface HopDropKey {
  readonly hop: HopKey;
  readonly reason: number;
}
export const SIZE_OF_HOP_DROP_KEY = 8;
export function writeHopDropKey(out: DataView, at: number, value: HopDropKey): void {
  writeHopKey(out, at, value.hop);
  out.setUint32(at + 4, value.reason, true);
}
export function encodeHopDropKey(value: HopDropKey): Uint8Array {
  const bytes = new Uint8Array(8);
  writeHopDropKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readHopDropKey(data: DataView, at = 0): HopDropKey {
  return {
    hop: readHopKey(data, at),
    reason: data.getUint32(at + 4, true),
  };
}
export function decodeHopDropKey(bytes: Uint8Array): HopDropKey {
  return readHopDropKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface ProbeKey {
  readonly instance: number;
  readonly family: number;
}
export const SIZE_OF_PROBE_KEY = 8;
export function writeProbeKey(out: DataView, at: number, value: ProbeKey): void {
  out.setUint32(at, value.instance, true);
  out.setUint32(at + 4, value.family, true);
}
export function encodeProbeKey(value: ProbeKey): Uint8Array {
  const bytes = new Uint8Array(8);
  writeProbeKey(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readProbeKey(data: DataView, at = 0): ProbeKey {
  return {
    instance: data.getUint32(at, true),
    family: data.getUint32(at + 4, true),
  };
}
export function decodeProbeKey(bytes: Uint8Array): ProbeKey {
  return readProbeKey(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface Probe {
  readonly round: number;
  readonly answered: bigint;
  readonly nanoseconds: bigint;
  readonly lastNanoseconds: bigint;
}
export const SIZE_OF_PROBE = 32;
export function writeProbe(out: DataView, at: number, value: Probe): void {
  out.setUint32(at, value.round, true);
  out.setBigUint64(at + 8, value.answered, true);
  out.setBigUint64(at + 16, value.nanoseconds, true);
  out.setBigUint64(at + 24, value.lastNanoseconds, true);
}
export function encodeProbe(value: Probe): Uint8Array {
  const bytes = new Uint8Array(32);
  writeProbe(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readProbe(data: DataView, at = 0): Probe {
  return {
    round: data.getUint32(at, true),
    answered: data.getBigUint64(at + 8, true),
    nanoseconds: data.getBigUint64(at + 16, true),
    lastNanoseconds: data.getBigUint64(at + 24, true),
  };
}
export function decodeProbe(bytes: Uint8Array): Probe {
  return readProbe(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export interface NodeConfig {
  readonly vxlanIfindex: number;
  readonly flowEntries: number;
  readonly vxlanPort: number;
  readonly vtep: AddressBytes;
}
export const SIZE_OF_NODE_CONFIG = 28;
export function writeNodeConfig(out: DataView, at: number, value: NodeConfig): void {
  out.setUint32(at, value.vxlanIfindex, true);
  out.setUint32(at + 4, value.flowEntries, true);
  out.setUint32(at + 8, value.vxlanPort, true);
  new Uint8Array(out.buffer, out.byteOffset + at + 12, 16).set(value.vtep);
}
export function encodeNodeConfig(value: NodeConfig): Uint8Array {
  const bytes = new Uint8Array(28);
  writeNodeConfig(new DataView(bytes.buffer), 0, value);
  return bytes;
}
export function readNodeConfig(data: DataView, at = 0): NodeConfig {
  return {
    vxlanIfindex: data.getUint32(at, true),
    flowEntries: data.getUint32(at + 4, true),
    vxlanPort: data.getUint32(at + 8, true),
    vtep: new Uint8Array(data.buffer, data.byteOffset + at + 12, 16).slice(),
  };
}
export function decodeNodeConfig(bytes: Uint8Array): NodeConfig {
  return readNodeConfig(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

/**
 * Every map of the data path; sizes in bytes (of one CPU, for per-CPU maps). `inPlace`: a value that is there is
 * changed where it stands. `layout`: a hash of its structs.
 */
export const bpfMaps = {
  spills: { keySize: 4, valueSize: 4, inPlace: false, layout: 'a79f19e8' },
  classifier: { keySize: 24, valueSize: 776, inPlace: false, layout: '8e01a113' },
  networks: { keySize: 4, valueSize: 16, inPlace: true, layout: '3366c17b' },
  ports: { keySize: 4, valueSize: 32, inPlace: false, layout: 'd4b9af0f' },
  port_rx: { keySize: 4, valueSize: 16, inPlace: false, layout: 'baf0ef3c' },
  vteps: { keySize: 16, valueSize: 4, inPlace: false, layout: '4ac9ac6b' },
  addresses: { keySize: 20, valueSize: 48, inPlace: true, layout: '2ec58136' },
  prefixes: { keySize: 24, valueSize: 48, inPlace: false, layout: 'b2e26ac5' },
  paths: { keySize: 4, valueSize: 16, inPlace: true, layout: '318ac34c' },
  hops: { keySize: 4, valueSize: 24, inPlace: false, layout: '87bae11b' },
  instances: { keySize: 4, valueSize: 40, inPlace: true, layout: '763067b4' },
  tables: { keySize: 4, valueSize: 4096, inPlace: false, layout: '51358735' },
  listeners: { keySize: 8, valueSize: 20, inPlace: false, layout: 'd14f3114' },
  sides: { keySize: 16, valueSize: 4, inPlace: false, layout: 'bbf8029d' },
  flows: { keySize: 40, valueSize: 24, inPlace: false, layout: 'f0c7e48f' },
  ends: { keySize: 44, valueSize: 36, inPlace: false, layout: 'e9c8b0e6' },
  sources: { keySize: 44, valueSize: 32, inPlace: false, layout: '7e95b3de' },
  fragments: { keySize: 44, valueSize: 4, inPlace: false, layout: '40053d18' },
  spilled_flows: { keySize: 40, valueSize: 24, inPlace: false, layout: 'f0c7e48f' },
  spilled_ends: { keySize: 44, valueSize: 36, inPlace: false, layout: 'e9c8b0e6' },
  spilled_fragments: { keySize: 44, valueSize: 4, inPlace: false, layout: '40053d18' },
  spilled_sources: { keySize: 44, valueSize: 32, inPlace: false, layout: '7e95b3de' },
  budgets: { keySize: 24, valueSize: 8, inPlace: false, layout: 'e7737c2d' },
  moves: { keySize: 4, valueSize: 4, inPlace: false, layout: 'a79f19e8' },
  drops: { keySize: 4, valueSize: 16, inPlace: false, layout: 'baf0ef3c' },
  port_tx: { keySize: 4, valueSize: 16, inPlace: false, layout: 'baf0ef3c' },
  hop_traffic: { keySize: 4, valueSize: 16, inPlace: false, layout: '8789a60e' },
  hop_drops: { keySize: 8, valueSize: 16, inPlace: false, layout: '4c254d0c' },
  events: { keySize: 4, valueSize: 8, inPlace: false, layout: '66e7ac01' },
  probes: { keySize: 8, valueSize: 32, inPlace: false, layout: '29093824' },
  peers: { keySize: 16, valueSize: 32, inPlace: false, layout: 'c94303fc' },
  node: { keySize: 4, valueSize: 28, inPlace: false, layout: '81b61128' },
  underlays: { keySize: 4, valueSize: 4, inPlace: false, layout: 'a79f19e8' },
  scratch: { keySize: 4, valueSize: 368, inPlace: false, layout: '81e2c060' },
  answers: { keySize: 4, valueSize: 1296, inPlace: false, layout: '2d3f74fe' },
} as const;
export type BpfMapName = keyof typeof bpfMaps;
