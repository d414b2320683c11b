// SPDX-License-Identifier: Apache-2.0
import type { ProgInfo, TestRunResult } from '../protocol.ts';
import { BPF, BpfAttr, objectInfo, objectName, withPinned } from './bpf.ts';
import { inNamespace } from './namespace.ts';

/** `struct bpf_prog_info` up to and with its name. */
const INFO_SIZE = 80;
/** Room for headers of a tunnel that a program may add, so that the output can be longer than the input. */
const ROOM_FOR_GROWTH = 4096;

export function progInfo(args: { path: string }): ProgInfo {
  return withPinned(args.path, (fd) => {
    const info = objectInfo(fd, { what: args.path, size: INFO_SIZE });
    return { id: info.readUInt32LE(4), name: objectName(info, 64) };
  });
}

/** Runs a program on one packet without a device; `ctxIn` is a `struct __sk_buff`. */
export function progTestRun(args: {
  netns?: string;
  progPath: string;
  dataIn: Uint8Array;
  ctxIn?: Uint8Array;
  repeat?: number;
}): TestRunResult {
  const { dataIn, ctxIn = new Uint8Array(0), repeat = 1 } = args;
  const dataOut = Buffer.alloc(dataIn.length + ROOM_FOR_GROWTH);
  const ctxOut = Buffer.alloc(ctxIn.length);
  return withPinned(args.progPath, (prog) => {
    const attr = new BpfAttr();
    attr.u32(0, prog);
    attr.u32(8, dataIn.length);
    attr.u32(12, dataOut.length);
    attr.pointer(16, dataIn);
    attr.pointer(24, dataOut);
    attr.u32(32, repeat);
    attr.u32(40, ctxIn.length);
    attr.u32(44, ctxOut.length);
    attr.pointer(48, ctxIn);
    attr.pointer(56, ctxOut);
    inNamespace(args.netns, () => attr.run(`test run of ${args.progPath}`, BPF.progTestRun));
    return {
      retval: attr.readU32(4),
      dataOut: dataOut.subarray(0, attr.readU32(12)),
      ctxOut: ctxOut.subarray(0, attr.readU32(44)),
      durationNs: attr.readU32(36),
    };
  });
}
