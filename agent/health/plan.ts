// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { ProbePlan, ProbeTarget } from '../kernel/protocol.ts';
import { encodeProbeKey } from '../render/generated/layout.ts';
import { renderHeartbeat, renderProbe } from './frame.ts';

/** How often and how patiently this node probes. */
export interface ProbeTimes {
  readonly intervalMs: number;
  /** An instance is down after so many unanswered in a row. */
  readonly misses: number;
}

/** What is probed. */
export interface Targets {
  /** Instances of this node, probed or not; what is known of any other is forgotten, its number may come again. */
  readonly attached: ReadonlySet<number>;
  /** Those that are probed, with the families that their networks speak. */
  readonly instances: ReadonlyMap<number, ReadonlySet<Family>>;
  /** Other nodes by name, with their address for VXLAN (mapped). */
  readonly peers: ReadonlyMap<string, Uint8Array>;
}

export const NO_TARGETS: Targets = { attached: new Set(), instances: new Map(), peers: new Map() };

/** At least so often another node hears from us: what comes late from there is more often the way than the node. */
const HEARTBEAT_MS = 150;
const HEARTBEAT_MISSES = 5;

/** Names of targets in the plan: of whom a level speaks. */
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

/** What the kernel's child is to send, round after round. */
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
