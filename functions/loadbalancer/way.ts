// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { encodeMark, instanceOfMac } from '../../api/context/context.ts';
import { chainInterface } from '../../api/names.ts';
import type { SelectedPods, SourcePorts } from '../../api/selected-pods.ts';
import type { ChecksWay, OutsideWay } from './picture.ts';

/**
 * The source ports of health checks, by those of clients outside: of each 31 ports there, 4 here. They are above the ports
 * that hosts choose by themselves, from which a backend may reach itself.
 */
const FIRST_CHECK = 61_000;
const FIRST_OUTSIDE = 1024;
const OUTSIDE_UNIT = 31;
const CHECK_UNIT = 4;
/** The share of an instance to which an operator of the release before gives none: one of eight, by its id. */
const SHARES = 8;
const SHARE = 3968;

/**
 * Pure: the source ports of this instance, which no other one has. Undefined until the operator has given it some.
 */
export function sourcePortsOf(
  selectedPods: SelectedPods | undefined,
  instance: number,
): SourcePorts | undefined {
  if (!selectedPods) return undefined;
  if (selectedPods.sourcePorts) return selectedPods.sourcePorts[instance];
  const first = FIRST_OUTSIDE + (instance % SHARES) * SHARE;
  return { first, last: first + SHARE - 1 };
}

/**
 * Pure: how health checks travel. They leave with the context of a path of this load balancer. The data path reverses
 * the direction of packets that a function itself begins to send, so the mark has the opposite direction.
 */
export function renderWay(
  selectedPods: SelectedPods | undefined,
  ports: SourcePorts | undefined,
): ChecksWay | undefined {
  // An operator of the release before names no path for them.
  const path = selectedPods?.checks ?? selectedPods?.paths[0];
  if (!path || !ports) return undefined;
  const checkPort = (port: number): number =>
    FIRST_CHECK + Math.floor((port - FIRST_OUTSIDE) / OUTSIDE_UNIT) * CHECK_UNIT;
  return {
    mark: encodeMark({ path: path.pathId, position: path.position ?? 0, isReply: true }),
    ports: { first: checkPort(ports.first), last: checkPort(ports.last + 1) - 1 },
  };
}

/** Pure: how packets of clients outside enter paths; nobody is let in while the operator says nothing of it. */
export function renderOutside(
  selectedPods: SelectedPods | undefined,
  { ports, mtu }: { readonly ports: SourcePorts; readonly mtu: number },
): OutsideWay {
  return { entries: selectedPods?.outside ?? [], ports, mtu };
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
