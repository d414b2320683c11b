// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { encodeMark, instanceOfMac } from '../../api/context/context.ts';
import { MARK_REPLY } from '../../api/context/generated/context.ts';
import { chainInterface } from '../../api/names.ts';
import type { SelectedPods } from '../../api/selected-pods.ts';
import type { ChecksWay, OutsideWay } from './picture.ts';

/** The first source port of health checks. Each instance has `PORTS_EACH` of them, by its id. */
const FIRST_PORT = 32_768;
const PORTS_EACH = 64;
const SHARES = 512;

/**
 * Pure: how health checks travel. They leave with the context of a path of this load balancer. The data path reverses
 * the direction of packets that a function itself begins to send, so the mark has the opposite direction.
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

/**
 * The first source port for clients outside, below the ports of health checks. Each instance has `OUTSIDE_EACH` of
 * them, by its id.
 */
const FIRST_OUTSIDE = 1024;
const OUTSIDE_EACH = 3968;
const OUTSIDE_SHARES = 8;

/** Pure: how packets of clients outside enter the path: in the forward direction, at the load balancer's position. */
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

/** The id of this instance in the cluster, which the agent has written into the MAC of chain0. */
export function readInstanceId(file = `/sys/class/net/${chainInterface}/address`): number {
  return parseInstanceId(readFileSync(file, 'utf8'));
}

/** Pure: `0e:00:00:00:01:07` is 263. */
export function parseInstanceId(mac: string): number {
  return instanceOfMac(Buffer.from(mac.trim().replaceAll(':', ''), 'hex'));
}
