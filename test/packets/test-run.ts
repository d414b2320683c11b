// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';

/** Offsets of the members of `struct __sk_buff` in linux/bpf.h. */
const SK_BUFF = {
  size: 192,
  mark: 8,
  ingressIfindex: 36,
  ifindex: 40,
  cb: 48,
  gsoSegments: 164,
  gsoSize: 176,
} as const;

/** A packet, and how it arrives. */
export interface Question {
  /** The Port from whose device the frame comes. */
  readonly port?: string;
  readonly frame: Buffer;
  readonly mark?: number;
  /** False for a packet that the namespace itself has made. */
  readonly forwarded?: boolean;
  /** Bytes of payload of each segment, if the frame stands for several segments. */
  readonly gsoSize?: number;
  /** The VXLAN that it came by, for `tunnel.bpf.c`. */
  readonly tunnel?: Tunnel;
}

/** The VXLAN header of a packet and its sender, an IPv4 address as a number. */
export interface Tunnel {
  readonly vni: number;
  readonly vtep: number;
}

/** Encodes what the kernel knows of a packet besides its bytes. */
export function encodeContext(question: Question, ifindex: number): Buffer {
  const { mark = 0, forwarded = true, gsoSize = 0, tunnel, frame } = question;
  const context = Buffer.alloc(SK_BUFF.size);
  context.writeUInt32LE(mark, SK_BUFF.mark);
  context.writeUInt32LE(forwarded ? ifindex : 0, SK_BUFF.ingressIfindex);
  context.writeUInt32LE(ifindex, SK_BUFF.ifindex);
  if (tunnel) {
    context.writeUInt32LE(tunnel.vni, SK_BUFF.cb);
    context.writeUInt32LE(tunnel.vtep, SK_BUFF.cb + 4);
  }
  if (gsoSize > 0) {
    context.writeUInt32LE(Math.ceil(frame.length / gsoSize), SK_BUFF.gsoSegments);
    context.writeUInt32LE(gsoSize, SK_BUFF.gsoSize);
  }
  return context;
}

export function readMark(context: Buffer): number {
  return context.readUInt32LE(SK_BUFF.mark);
}

/** Pins the programs under `progs` and their maps under `maps`, in a folder of a BPF file system. */
export async function loadPrograms(objectFile: string, folder: string): Promise<void> {
  await mkdir(folder);
  const pins = ['type', 'classifier', 'pinmaps', join(folder, 'maps')];
  await execa('bpftool', ['prog', 'loadall', objectFile, join(folder, 'progs'), ...pins]);
}

/** Makes a pair of devices: a program sees the number of one, and sends to the other. */
export async function addDevice(netns: string, index: number): Promise<void> {
  const peer = ['peer', 'name', `peer${index}`, 'index', String(index + 1000)];
  const pair = ['name', `port${index}`, 'index', String(index), 'type', 'veth', ...peer];
  await execa('ip', ['-n', netns, 'link', 'add', ...pair]);
}
