// SPDX-License-Identifier: Apache-2.0
import { type Mac, macBytes } from '../../../api/net/mac.ts';
import type { Ground } from './ground.ts';

export interface Wire {
  readonly from: number;
  /** 0 for a pod; for an instance, the mark that its packet had. */
  readonly context?: number;
  readonly to: number;
  readonly mark?: number;
  readonly mac?: Mac;
}

/** Lays wires in the small data path of the tests (`wire.bpf.c`). */
export async function layWires(ground: Ground, wires: readonly Wire[]): Promise<void> {
  const keys = Buffer.alloc(wires.length * 8);
  const values = Buffer.alloc(wires.length * 16);
  wires.forEach((wire, index) => {
    keys.writeUInt32LE(wire.from, index * 8);
    keys.writeUInt32LE((wire.context ?? 0) >>> 0, index * 8 + 4);
    values.writeUInt32LE(wire.to, index * 16);
    values.writeUInt32LE((wire.mark ?? 0) >>> 0, index * 16 + 4);
    if (wire.mac !== undefined) values.set(macBytes(wire.mac), index * 16 + 8);
  });
  const path = `${ground.mapsDir}/wires`;
  await ground.kernel.mapUpdate({ path, entries: { keys, values, count: wires.length } });
}

/** Numbers of frames that the programs forwarded and dropped, on all CPUs. */
export async function countFrames(ground: Ground): Promise<{ sent: number; dropped: number }> {
  const { values } = await ground.kernel.mapDump({ path: `${ground.mapsDir}/frames` });
  const bytes = Buffer.from(values);
  const perKey = bytes.length / 2;
  const sum = (key: number) => {
    let total = 0n;
    for (let at = key * perKey; at < (key + 1) * perKey; at += 8) total += bytes.readBigUInt64LE(at);
    return Number(total);
  };
  return { sent: sum(0), dropped: sum(1) };
}
