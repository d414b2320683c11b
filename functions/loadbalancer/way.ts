// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { encodeMark, instanceOfMac } from '../../api/context/context.ts';
import { MARK_REPLY } from '../../api/context/generated/context.ts';
import { chainInterface } from '../../api/names.ts';
import type { SelectedPods } from '../../api/selected-pods.ts';
import type { ChecksWay, OutsideWay } from './picture.ts';

/** Ports of ours are from here on; each instance has so many, by its id. */
const FIRST_PORT = 32_768;
const PORTS_EACH = 64;
const SHARES = 512;

/**
 * Pure: how our health checks travel. They leave with the context of a path that we are on; what is born in a function
 * turns round at its door, so the mark says the direction that it does not have.
 */
export function renderWay(selectedPods: SelectedPods | undefined, instance: number): ChecksWay | undefined {
  const path = selectedPods?.paths[0];
  if (!path) return undefined;
  const first = FIRST_PORT + (instance % SHARES) * PORTS_EACH;
  return {
    mark: encodeMark({ path: path.pathId, position: path.position ?? 0, isReply: true }),
    ports: { first, last: first + PORTS_EACH - 1 },
  };
}

/** Below those of the checks: each instance has so many for clients outside, by its id. */
const FIRST_OUTSIDE = 1024;
const OUTSIDE_EACH = 3968;
const OUTSIDE_SHARES = 8;

/** Pure: how clients outside are taken in; forward, at our own place of the path. */
export function renderOutside(
  way: ChecksWay,
  { instance, mtu }: { readonly instance: number; readonly mtu: number },
): OutsideWay {
  const first = FIRST_OUTSIDE + (instance % OUTSIDE_SHARES) * OUTSIDE_EACH;
  return { mark: (way.mark & ~MARK_REPLY) >>> 0, ports: { first, last: first + OUTSIDE_EACH - 1 }, mtu };
}

/** Bytes of the largest IP packet on chain0. */
export function readMtu(file = `/sys/class/net/${chainInterface}/mtu`): number {
  return Number(readFileSync(file, 'utf8'));
}

/** Our id among the instances of the cluster, which the agent has put into the hardware address of chain0. */
export function readInstanceId(file = `/sys/class/net/${chainInterface}/address`): number {
  return parseInstanceId(readFileSync(file, 'utf8'));
}

/** Pure: `0e:00:00:00:01:07` is 263. */
export function parseInstanceId(mac: string): number {
  return instanceOfMac(Buffer.from(mac.trim().replaceAll(':', ''), 'hex'));
}
