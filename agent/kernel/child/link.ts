// SPDX-License-Identifier: Apache-2.0
import { closeSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LinkInfo, TcxAttachType } from '../protocol.ts';
import { BPF, BpfAttr, objectInfo, pinAt, withPinned } from './bpf.ts';
import { SyscallError } from './errno.ts';
import { inNamespace } from './namespace.ts';

/** From `enum bpf_attach_type` and `enum bpf_link_type`. */
const ATTACH_TYPES: Readonly<Record<TcxAttachType, number>> = { tcxIngress: 46, tcxEgress: 47 };
const LINK_TYPE_TCX = 11;
const LINK_INFO_SIZE = 24;

/** Attaches a pinned program to a device, and pins the link, so that it stays attached when this process ends. */
export function linkCreate(args: {
  netns?: string;
  ifindex: number;
  attachType: TcxAttachType;
  progPath: string;
  pinPath: string;
}): void {
  withPinned(args.progPath, (prog) => {
    const attr = new BpfAttr();
    attr.u32(0, prog);
    attr.u32(4, args.ifindex);
    attr.u32(8, ATTACH_TYPES[args.attachType]);
    const what = `attach ${args.progPath} to interface ${args.ifindex}`;
    const link = inNamespace(args.netns, () => attr.run(what, BPF.linkCreate));
    // If the link cannot be pinned, it is detached when its descriptor is closed.
    try {
      mkdirSync(dirname(args.pinPath), { recursive: true });
      pinAt(link, args.pinPath);
    } finally {
      closeSync(link);
    }
  });
}

/** Replaces the program of a link in one step: every packet sees the old one or the new one. */
export function linkUpdate(args: { pinPath: string; progPath: string }): void {
  withPinned(args.pinPath, (link) =>
    withPinned(args.progPath, (prog) => {
      const attr = new BpfAttr();
      attr.u32(0, link);
      attr.u32(4, prog);
      attr.run(`put ${args.progPath} into ${args.pinPath}`, BPF.linkUpdate);
    }),
  );
}

export function linkInfo(args: { pinPath: string }): LinkInfo | undefined {
  try {
    return withPinned(args.pinPath, (fd) => {
      const info = objectInfo(fd, { what: args.pinPath, size: LINK_INFO_SIZE });
      const isTcx = info.readUInt32LE(0) === LINK_TYPE_TCX;
      return {
        id: info.readUInt32LE(4),
        progId: info.readUInt32LE(8),
        ifindex: isTcx ? info.readUInt32LE(16) : 0,
        attachType: isTcx ? attachTypeOf(info.readUInt32LE(20)) : 'other',
      };
    });
  } catch (error) {
    if (error instanceof SyscallError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function attachTypeOf(number: number): LinkInfo['attachType'] {
  switch (number) {
    case ATTACH_TYPES.tcxIngress:
      return 'tcxIngress';
    case ATTACH_TYPES.tcxEgress:
      return 'tcxEgress';
    default:
      return 'other';
  }
}

export function objPinExists(args: { path: string }): boolean {
  return lstatSync(args.path, { throwIfNoEntry: false }) !== undefined;
}

/** Removes a pin; false when there was none. */
export function unlinkPin(args: { path: string }): boolean {
  if (!objPinExists(args)) return false;
  unlinkSync(args.path);
  return true;
}
