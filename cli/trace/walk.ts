// SPDX-License-Identifier: Apache-2.0
import {
  NOT_ROUTED,
  type TracedPacket,
  type TraceNext,
  type TracePlace,
  type TraceStep,
} from '../../api/trace.ts';
import type { FirewallVerdict } from '../../api/verdict.ts';

/** The programs that are asked on the way: agents for their kernels, functions for their verdicts. */
export interface Witnesses {
  step(node: string, place: TracePlace, packet: TracedPacket): Promise<TraceStep>;
  /** Undefined: the function of the hop has no verdicts. */
  verdict(hop: InstanceNext, packet: TracedPacket): Promise<Judgement | undefined>;
}

export type Judgement =
  | { readonly kind: 'Verdict'; readonly verdict: FirewallVerdict }
  /** The function should have answered, but did not. */
  | { readonly kind: 'Silent'; readonly why: string };

export type InstanceNext = Extract<TraceNext, { kind: 'Instance' }>;

/** One thing that happened on the way. */
export interface Leg {
  readonly step: TraceStep;
  /** The verdict of the function, when the packet goes into an instance. */
  readonly judgement?: Judgement;
}

export interface Way {
  readonly packet: TracedPacket;
  readonly legs: readonly Leg[];
  readonly end: WayEnd;
}

export type WayEnd =
  | {
      readonly kind: 'Delivered';
      readonly node: string;
      readonly port: string | undefined;
      readonly pod: string | undefined;
    }
  | { readonly kind: 'Dropped'; readonly node: string; readonly reason: string }
  /** The pod does not send the packet on this network. */
  | { readonly kind: 'Elsewhere'; readonly node: string; readonly why: string }
  /** A load balancer sends the packet to a backend; only its kernel knows which one. */
  | { readonly kind: 'Balanced'; readonly node: string; readonly function: string }
  /** The packet ends at a function, which may answer the sender (Reject) or not. */
  | {
      readonly kind: 'Refused';
      readonly node: string;
      readonly pod: string | undefined;
      readonly action: 'Drop' | 'Reject';
    }
  /** The way could not be followed. */
  | { readonly kind: 'Lost'; readonly node: string; readonly why: string };

export interface Start {
  readonly node: string;
  readonly port: string;
  readonly packet: TracedPacket;
  /** Whether the packet is a reply, where the chain alone cannot decide it. */
  readonly reply: boolean;
}

/** Enough for sixteen hops, each with an arrival on another node and some bounces, and the delivery. */
const MOST_STEPS = 64;

/** Follows a packet from kernel to kernel, from its pod to its end. */
export async function walk(witnesses: Witnesses, start: Start): Promise<Way> {
  const { packet } = start;
  const legs: Leg[] = [];
  let node = start.node;
  let place: TracePlace = { kind: 'Port', port: start.port, reply: start.reply };
  while (legs.length < MOST_STEPS) {
    const step: TraceStep = await witnesses.step(node, place, packet);
    const { next } = step;
    if (next.kind === 'Drop') {
      const balancer = balancerBefore(legs, next);
      if (balancer) return { packet, legs, end: { kind: 'Balanced', node, function: balancer } };
      legs.push({ step });
      if (next.reason === NOT_ROUTED) {
        return { packet, legs, end: { kind: 'Elsewhere', node, why: next.detail } };
      }
      return { packet, legs, end: { kind: 'Dropped', node, reason: next.reason } };
    }
    if (next.toNode === undefined) {
      legs.push({ step });
      return {
        packet,
        legs,
        end: { kind: 'Lost', node, why: 'its kernel sends it to a node that nobody knows' },
      };
    }
    if (next.toNode !== node) {
      legs.push({ step });
      node = next.toNode;
      place = arrivalOf(next);
      continue;
    }
    if (next.kind === 'Port') {
      legs.push({ step });
      return { packet, legs, end: { kind: 'Delivered', node, port: next.port, pod: next.pod } };
    }
    const judgement = await witnesses.verdict(next, packet);
    legs.push({ step, ...(judgement ? { judgement } : {}) });
    const refused = judgement?.kind === 'Verdict' && judgement.verdict.action;
    if (refused && refused !== 'Accept') {
      return { packet, legs, end: { kind: 'Refused', node, pod: next.pod, action: refused } };
    }
    const { path, position, reply, instance } = next;
    place = { kind: 'Instance', instance, path, position, reply };
  }
  return { packet, legs, end: { kind: 'Lost', node, why: `the way does not end after ${MOST_STEPS} steps` } };
}

/**
 * The load balancer that the packet has come out of. In this trace the packet still has the load balancer's address,
 * which no pod has; a real packet has a backend's address.
 */
function balancerBefore(
  legs: readonly Leg[],
  { reason }: Extract<TraceNext, { kind: 'Drop' }>,
): string | undefined {
  const last = legs.at(-1)?.step.next;
  if (reason !== 'unknown_destination' || last?.kind !== 'Instance' || last.reply) return undefined;
  return last.function?.startsWith('LoadBalancer/') ? last.function : undefined;
}

/** The packet's place as the next node sees it. */
function arrivalOf(next: Exclude<TraceNext, { kind: 'Drop' }>): TracePlace {
  if (next.kind === 'Port') return { kind: 'Delivery', vni: next.vni };
  const { instance, path, position, reply, emitter, emitterPosition, bounces } = next;
  return { kind: 'Arrival', instance, path, position, reply, emitter, emitterPosition, bounces };
}
