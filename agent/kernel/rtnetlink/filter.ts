// SPDX-License-Identifier: Apache-2.0
import type { NetlinkMessage } from '../protocol.ts';
import { type Attribute, buildMessage, NLM, text, u32 } from './message.ts';
import { parseAttributes, parseMessage, textOf, u32Of } from './parse.ts';

const RTM = { newQdisc: 36, newFilter: 44, delFilter: 45, getFilter: 46 } as const;
const TCA = { kind: 1, options: 2 } as const;
const TCA_BPF = { fd: 6, name: 7, flags: 8, id: 11 } as const;
/** Direct action: the program's return value is the verdict. */
const ACT_DIRECT = 1;
const CLSACT = 0xffff0000;
const CLSACT_PARENT = 0xfffffff1;
const PARENTS = { ingress: 0xfffffff2, egress: 0xfffffff3 } as const;
const TCMSG_SIZE = 20;
/** The priority, protocol and handle of the agent's filter: always the same, so that a replacement is one step. */
const PRIORITY_AND_PROTOCOL = (1 << 16) | 0x0300;
const HANDLE = 1;

export interface FilterPlace {
  readonly ifindex: number;
  readonly direction: 'ingress' | 'egress';
}

/** Adds the clsact qdisc for filters to a device; tolerates that it exists. */
export function addClsact(ifindex: number): NetlinkMessage {
  return buildMessage({
    type: RTM.newQdisc,
    flags: NLM.create | NLM.exclusive,
    header: tcmsg({ ifindex, handle: CLSACT, parent: CLSACT_PARENT, info: 0 }),
    attributes: [text(TCA.kind, 'clsact')],
    tolerate: ['EEXIST'],
  });
}

/** Attaches a pinned program, in place of an existing one: every packet meets exactly one of the two. */
export function putFilter(place: FilterPlace, program: { pin: string; name: string }): NetlinkMessage {
  const options: Attribute[] = [
    { type: TCA_BPF.fd, pin: program.pin },
    text(TCA_BPF.name, program.name),
    u32(TCA_BPF.flags, ACT_DIRECT),
  ];
  return buildMessage({
    type: RTM.newFilter,
    flags: NLM.create | NLM.replace,
    header: filterHeader(place),
    attributes: [text(TCA.kind, 'bpf'), { type: TCA.options, nested: options }],
  });
}

/** Reads the agent's filter; the answer is empty if there is none. */
export function getFilter(place: FilterPlace): NetlinkMessage {
  return buildMessage({
    type: RTM.getFilter,
    flags: 0,
    header: filterHeader(place),
    attributes: [text(TCA.kind, 'bpf')],
    // No clsact qdisc, no filter with the priority, no filter with the handle.
    tolerate: ['EINVAL', 'ENOENT'],
  });
}

/** The id of a filter's program; undefined if the filter is of another kind. */
export function parseFilterProgram(message: Uint8Array): number | undefined {
  return u32Of(parseBpfOptions(message)?.get(TCA_BPF.id));
}

/** The name that the filter was given; undefined for a filter of another kind. */
export function parseFilterName(message: Uint8Array): string | undefined {
  const options = parseBpfOptions(message);
  return options === undefined ? undefined : textOf(options.get(TCA_BPF.name));
}

function parseBpfOptions(message: Uint8Array): ReadonlyMap<number, Buffer> | undefined {
  const { attributes } = parseMessage(message, TCMSG_SIZE);
  const options = attributes.get(TCA.options);
  if (textOf(attributes.get(TCA.kind)) !== 'bpf' || options === undefined) return undefined;
  return parseAttributes(options);
}

function filterHeader(place: FilterPlace): Buffer {
  return tcmsg({
    ifindex: place.ifindex,
    handle: HANDLE,
    parent: PARENTS[place.direction],
    info: PRIORITY_AND_PROTOCOL,
  });
}

function tcmsg(fields: { ifindex: number; handle: number; parent: number; info: number }): Buffer {
  const header = Buffer.alloc(TCMSG_SIZE);
  header.writeInt32LE(fields.ifindex, 4);
  header.writeUInt32LE(fields.handle, 8);
  header.writeUInt32LE(fields.parent, 12);
  header.writeUInt32LE(fields.info, 16);
  return header;
}
