import { readFileSync } from 'node:fs';
import type { PeersFile } from '../../operator/api/peers-file.ts';
import type { ChecksWay } from './picture.ts';

/** Ports of ours are from here on; each instance has so many, by its id. */
const FIRST_PORT = 32_768;
const PORTS_EACH = 64;
const SHARES = 512;

/**
 * Pure: how our health checks travel. They leave with the context of a path that we are on; what is born in a function
 * turns round at its door, so the mark says the direction that it does not have.
 */
export function renderWay(peers: PeersFile | undefined, instance: number): ChecksWay | undefined {
  const path = peers?.paths[0];
  if (!path) return undefined;
  const first = FIRST_PORT + (instance % SHARES) * PORTS_EACH;
  const position = (path.position ?? 0) & 0xf;
  return {
    mark: (0xa0000000 | (position << 24) | path.pathId) >>> 0,
    ports: { first, last: first + PORTS_EACH - 1 },
  };
}

/** Our id among the instances of the cluster, which the agent has put into the hardware address of chain0. */
export function readInstanceId(file = '/sys/class/net/chain0/address'): number {
  return parseInstanceId(readFileSync(file, 'utf8'));
}

/** Pure: `0e:00:00:00:01:07` is 263. */
export function parseInstanceId(mac: string): number {
  return Number.parseInt(mac.trim().split(':').slice(4).join(''), 16);
}
