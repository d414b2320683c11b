// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { ProbePlan, ProbeTarget } from '../kernel/protocol.ts';
import { encodeProbeKey } from '../render/generated/layout.ts';
import { renderHeartbeat, renderProbe } from './frame.ts';

/** The interval of probes, and how many may stay unanswered. */
export interface ProbeTimes {
  readonly intervalMs: number;
  /** Number of unanswered probes in a row after which an instance is down. */
  readonly misses: number;
}

/** The targets of probes and heartbeats. */
export interface Targets {
  /** Instances of this node, probed or not. The state of all others is deleted, since their ids may be used again. */
  readonly attached: ReadonlySet<number>;
  /** The instances to probe, with the address families of their networks. */
  readonly instances: ReadonlyMap<number, ReadonlySet<Family>>;
  /** The other nodes to send heartbeats to, by name, with their VTEP (mapped). */
  readonly peers: ReadonlyMap<string, Uint8Array>;
}

export const NO_TARGETS: Targets = { attached: new Set(), instances: new Map(), peers: new Map() };

/** The interval of heartbeats, rounded down to whole intervals of probes. More of them may be missed than of probes, since a
 * late answer is more often due to the underlay than to the node. */
const HEARTBEAT_MS = 150;
const HEARTBEAT_MISSES = 5;

/** The name of a target in the plan, so that a reported level can be assigned to it. */
export type TargetName =
  | { readonly kind: 'Instance'; readonly id: number; readonly family: Family }
  | { readonly kind: 'Node'; readonly node: string };

export function renderName(name: TargetName): string {
  return name.kind === 'Node' ? `node/${name.node}` : `${name.family}/${name.id}`;
}

export function parseName(text: string): TargetName {
  const at = text.indexOf('/');
  const [head, rest] = [text.slice(0, at), text.slice(at + 1)];
  return head === 'node'
    ? { kind: 'Node', node: rest }
    : { kind: 'Instance', id: Number(rest), family: head === '4' ? 4 : 6 };
}

export interface PlanPlaces {
  /** Device that probes are sent by. */
  readonly ifindex: number;
  /** Pins of the maps that count answers. */
  readonly probesMap: string;
  readonly peersMap: string;
}

/** Renders the plan of the frames that the kernel's child sends in each round. */
export function renderPlan(targets: Targets, times: ProbeTimes, places: PlanPlaces): ProbePlan {
  const every = Math.max(1, Math.floor(HEARTBEAT_MS / times.intervalMs));
  const instances = [...targets.instances].flatMap(([id, families]) =>
    [...families].map((family): ProbeTarget => {
      const { bytes: frame, stampAt } = renderProbe(id, family);
      return {
        name: renderName({ kind: 'Instance', id, family }),
        frame,
        stampAt,
        map: places.probesMap,
        key: encodeProbeKey({ instance: id, family }),
        every: 1,
        misses: times.misses,
      };
    }),
  );
  const peers = [...targets.peers].map(([node, vtep]): ProbeTarget => {
    const { bytes: frame, stampAt } = renderHeartbeat(vtep);
    return {
      name: renderName({ kind: 'Node', node }),
      frame,
      stampAt,
      map: places.peersMap,
      key: vtep,
      every,
      misses: HEARTBEAT_MISSES,
    };
  });
  return { ifindex: places.ifindex, intervalMs: times.intervalMs, targets: [...instances, ...peers] };
}

/** Whether the same is probed by both. */
export function sameTargets(a: Targets, b: Targets): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ instances, peers }: Targets): string {
  const families = [...instances].map(([id, each]) => `${id}:${[...each].sort()}`);
  const nodes = [...peers].map(([node, vtep]) => `${node}:${Buffer.from(vtep).toString('hex')}`);
  return [...families.sort(), ...nodes.sort()].join();
}
