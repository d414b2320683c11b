import { join } from 'node:path';
import type { Kernel } from '../kernel/kernel.ts';
import { bpfMaps, dropReasons, readTraffic, SIZE_OF_TRAFFIC } from '../render/generated/layout.ts';

/** Packets dropped on this node since its data path was loaded, by reason; reasons without any are left out. */
export async function observeDrops(
  kernel: Pick<Kernel, 'mapDump'>,
  mapsDir: string,
): Promise<Readonly<Record<string, number>>> {
  const { keys, values, count } = await kernel.mapDump({ path: join(mapsDir, 'drops') });
  const cpus = count === 0 ? 0 : values.byteLength / count / bpfMaps.drops.valueSize;
  const key = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
  const value = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const drops: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const reason = dropReasons[key.getUint32(index * bpfMaps.drops.keySize, true)];
    let packets = 0n;
    for (let cpu = 0; cpu < cpus; cpu++)
      packets += readTraffic(value, (index * cpus + cpu) * SIZE_OF_TRAFFIC).packets;
    if (reason && packets > 0n) drops[reason] = Number(packets);
  }
  return drops;
}
