// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { formatConstants, isShared, parseConstants } from './context.ts';

/**
 * Turns the BTF of the data path's object into TypeScript codecs, so that no struct of `agent/bpf/maps.h` is written
 * down twice. Constants (`#define NAME number`) are not in BTF and come from the text of the header; those that other
 * rooms need too are in `api/context/` (`context.ts`).
 */
export async function renderLayout(objectFile: string, headerFile: string): Promise<string> {
  const { stdout } = await execa('bpftool', ['-j', 'btf', 'dump', 'file', objectFile]);
  const types = new Map((JSON.parse(stdout) as { types: BtfType[] }).types.map((type) => [type.id, type]));
  const maps = findMaps(types);
  const header = await readFile(headerFile, 'utf8');
  // A map that another header defines is scratch space of the programs: nothing else reads it.
  const structs = collectStructs(
    types,
    maps.filter(({ name }) => header.includes(`MAP(${name},`)),
  );
  const table = renderMaps(types, maps);
  const parts = [
    '// Generated from agent/bpf/maps.h by `npm run generate`. Do not edit.\n// SPDX-License-Identifier: Apache-2.0',
    HEAD,
    renderHash(header, table),
    formatConstants(parseConstants(header).filter(({ name }) => !isShared(name))),
    renderEvents(types),
    ...structs.map((struct) => renderStruct(types, struct)),
    table,
  ];
  return `${parts.join('\n\n')}\n`;
}

interface BtfMember {
  readonly name: string;
  readonly type_id: number;
  readonly bits_offset: number;
  /** The size of a bit field, which lies within one byte. */
  readonly bitfield_size?: number;
}
interface BtfType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly type_id?: number;
  readonly nr_elems?: number;
  readonly members?: readonly BtfMember[];
  readonly vars?: readonly { readonly type_id: number }[];
  readonly values?: readonly { readonly name: string; readonly val: number }[];
}
type Types = ReadonlyMap<number, BtfType>;
interface BpfMap {
  readonly name: string;
  readonly key: BtfType;
  readonly value: BtfType;
}

const HEAD = `/** An address as the data path has it: 16 bytes in network order, IPv4 mapped (::ffff:a.b.c.d). */
export type AddressBytes = Uint8Array;`;

function resolve(types: Types, id: number): BtfType {
  const type = types.get(id);
  if (!type) throw new Error(`BTF has no type ${id}`);
  return type.kind === 'TYPEDEF' || type.kind === 'CONST' ? resolve(types, type.type_id ?? 0) : type;
}

function findMaps(types: Types): readonly BpfMap[] {
  const section = [...types.values()].find((type) => type.kind === 'DATASEC' && type.name === '.maps');
  return (section?.vars ?? []).map(({ type_id }) => {
    const variable = types.get(type_id)!;
    const members = resolve(types, variable.type_id ?? 0).members ?? [];
    const pointee = (name: string) => {
      const pointer = resolve(types, members.find((member) => member.name === name)!.type_id);
      return resolve(types, pointer.type_id ?? 0);
    };
    return { name: variable.name, key: pointee('key'), value: pointee('value') };
  });
}

/** A field that only the kernel writes, in a value that is changed in place. */
const LOCK = 'bpf_spin_lock';

/** Every struct of a map's key or value, inner ones first. */
function collectStructs(types: Types, maps: readonly BpfMap[]): readonly BtfType[] {
  const found = new Map<number, BtfType>();
  const visit = (type: BtfType): void => {
    if (type.kind === 'ARRAY') visit(resolve(types, type.type_id ?? 0));
    if (type.kind !== 'STRUCT' || type.name === 'address' || type.name === LOCK || found.has(type.id)) return;
    for (const member of type.members ?? []) visit(resolve(types, member.type_id));
    found.set(type.id, type);
  };
  for (const map of maps) {
    visit(map.key);
    visit(map.value);
  }
  return [...found.values()];
}

const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const pascal = (name: string): string => camel(`_${name}`);

function sizeOf(types: Types, type: BtfType): number {
  if (type.kind === 'ARRAY') return (type.nr_elems ?? 0) * sizeOf(types, resolve(types, type.type_id ?? 0));
  return type.size ?? 0;
}

function typeScriptType(types: Types, type: BtfType): string {
  if (type.name === 'address') return 'AddressBytes';
  if (type.kind === 'STRUCT') return pascal(type.name);
  if (type.kind !== 'ARRAY') return type.size === 8 ? 'bigint' : 'number';
  const element = resolve(types, type.type_id ?? 0);
  return element.size === 1 ? 'Uint8Array' : `readonly ${typeScriptType(types, element)}[]`;
}

const SCALARS: Readonly<Record<number, string>> = { 1: 'Uint8', 2: 'Uint16', 4: 'Uint32', 8: 'BigUint64' };

function renderWrite(types: Types, type: BtfType, value: string, at: string): string {
  if (type.name === 'address' || typeScriptType(types, type) === 'Uint8Array') {
    return `new Uint8Array(out.buffer, out.byteOffset + ${at}, ${sizeOf(types, type)}).set(${value});`;
  }
  if (type.kind === 'STRUCT') return `write${pascal(type.name)}(out, ${at}, ${value});`;
  if (type.kind !== 'ARRAY') {
    const little = type.size === 1 ? '' : ', true';
    return `out.set${SCALARS[type.size ?? 0]}(${at}, ${value}${little});`;
  }
  const element = resolve(types, type.type_id ?? 0);
  const body = renderWrite(types, element, 'element', `${at} + index * ${sizeOf(types, element)}`);
  return `for (const [index, element] of ${value}.entries()) {\n    ${body}\n  }`;
}

function renderRead(types: Types, type: BtfType, at: string): string {
  if (type.name === 'address' || typeScriptType(types, type) === 'Uint8Array') {
    return `new Uint8Array(data.buffer, data.byteOffset + ${at}, ${sizeOf(types, type)}).slice()`;
  }
  if (type.kind === 'STRUCT') return `read${pascal(type.name)}(data, ${at})`;
  if (type.kind !== 'ARRAY')
    return `data.get${SCALARS[type.size ?? 0]}(${at}${type.size === 1 ? '' : ', true'})`;
  const element = resolve(types, type.type_id ?? 0);
  const body = renderRead(types, element, `${at} + index * ${sizeOf(types, element)}`);
  return `Array.from({ length: ${type.nr_elems} }, (_, index) => ${body})`;
}

/** How a bit field is read and written within its byte; undefined for a field of whole bytes. */
function bitsOf({ name, bits_offset, bitfield_size: size = 0 }: BtfMember, type: BtfType) {
  if (size === 0) return undefined;
  const shift = bits_offset % 8;
  if (type.size !== 1 || shift + size > 8) throw new Error(`the bit field ${name} is not within a byte`);
  const mask = (1 << size) - 1;
  return {
    read: (at: string) => `(data.getUint8(${at}) >> ${shift}) & ${mask}`,
    write: (value: string, at: string) =>
      `out.setUint8(${at}, (out.getUint8(${at}) & ${0xff & ~(mask << shift)}) | ((${value} & ${mask}) << ${shift}));`,
  };
}

function renderStruct(types: Types, struct: BtfType): string {
  const name = pascal(struct.name);
  const members = (struct.members ?? []).filter(
    (member) => member.name !== 'pad' && resolve(types, member.type_id).name !== LOCK,
  );
  const at = (offset: number): string => (offset === 0 ? 'at' : `at + ${offset}`);
  const fields = members.map((member) => {
    const type = resolve(types, member.type_id);
    const field = camel(member.name);
    const place = at(Math.floor(member.bits_offset / 8));
    const bits = bitsOf(member, type);
    return {
      field,
      type,
      write: bits ? bits.write(`value.${field}`, place) : renderWrite(types, type, `value.${field}`, place),
      read: bits ? bits.read(place) : renderRead(types, type, place),
    };
  });
  return [
    `export interface ${name} {`,
    ...fields.map(({ field, type }) => `  readonly ${field}: ${typeScriptType(types, type)};`),
    '}',
    `export const SIZE_OF_${struct.name.toUpperCase()} = ${struct.size};`,
    `export function write${name}(out: DataView, at: number, value: ${name}): void {`,
    ...fields.map(({ write }) => `  ${write}`),
    '}',
    `export function encode${name}(value: ${name}): Uint8Array {`,
    `  const bytes = new Uint8Array(${struct.size});`,
    `  write${name}(new DataView(bytes.buffer), 0, value);`,
    '  return bytes;',
    '}',
    `export function read${name}(data: DataView, at = 0): ${name} {`,
    '  return {',
    ...fields.map(({ field, read }) => `    ${field}: ${read},`),
    '  };',
    '}',
    `export function decode${name}(bytes: Uint8Array): ${name} {`,
    `  return read${name}(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));`,
    '}',
  ].join('\n');
}

/**
 * Pure: a hash of the header, which has the sizes of most maps, and of the layout of all maps: programs of another release
 * cannot adopt maps of another layout, scratch space included, which other headers define.
 */
export function renderHash(header: string, table: string): string {
  const hash = createHash('sha256').update(header).update(table).digest('hex').slice(0, 12);
  return `/** Names the directory of the maps: of their layout. */\nexport const layoutHash = '${hash}';`;
}

/** Names of events by number: `EVENT_FLOW_MOVED` -> `flow_moved`; the last value is only the number of the others. */
function renderEvents(types: Types): string {
  const found = [...types.values()].find((type) => type.kind === 'ENUM' && type.name === 'path_event');
  const names = (found?.values ?? [])
    .filter(({ name }) => name !== 'EVENTS')
    .map(({ name }) => `  '${name.replace('EVENT_', '').toLowerCase()}',`);
  if (names.length === 0) throw new Error('BTF has no enum path_event');
  return [
    '/** Names of the counters of what else happened, by index in the map `events`. */',
    'export const pathEvents = [',
    ...names,
    '] as const;',
  ].join('\n');
}

/** A hash of the meaning of a map's bytes: another release with the same hash can adopt the map. */
function layoutOf(types: Types, { key, value }: BpfMap): string {
  const describe = (type: BtfType): string => {
    if (type.kind === 'ARRAY') return `${describe(resolve(types, type.type_id ?? 0))}[${type.nr_elems}]`;
    const members = (type.members ?? []).map(
      ({ name, type_id, bits_offset, bitfield_size: bits }) =>
        `${name}@${bits_offset}${bits ? `/${bits}` : ''}:${describe(resolve(types, type_id))}`,
    );
    return `${type.name}/${type.size}{${members.join()}}`;
  };
  return createHash('sha256')
    .update(`${describe(key)} ${describe(value)}`)
    .digest('hex')
    .slice(0, 8);
}

function renderMaps(types: Types, maps: readonly BpfMap[]): string {
  const rows = maps.map((map) => {
    const sizes = `keySize: ${sizeOf(types, map.key)}, valueSize: ${sizeOf(types, map.value)}`;
    const inPlace = (map.value.members ?? []).some(({ type_id }) => resolve(types, type_id).name === LOCK);
    return `  ${map.name}: { ${sizes}, inPlace: ${inPlace}, layout: '${layoutOf(types, map)}' },`;
  });
  return [
    '/**',
    ' * Every map of the data path; sizes in bytes (of one CPU, for per-CPU maps). `inPlace`: a value that is there is',
    ' * changed where it stands. `layout`: a hash of its structs.',
    ' */',
    'export const bpfMaps = {',
    ...rows,
    '} as const;',
    'export type BpfMapName = keyof typeof bpfMaps;',
  ].join('\n');
}
