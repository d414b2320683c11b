// SPDX-License-Identifier: Apache-2.0
import { closeSync } from 'node:fs';
import type { ProbePlan, ProbeTarget } from '../../protocol.ts';
import { MapReader } from './reader.ts';
import { type Frame, FrameSet, openFrameSocket } from './sender.ts';
import { TargetState } from './target.ts';

/** A plan that is carried out: its open descriptors, and the states of its targets. */
export interface Running {
  readonly plan: ProbePlan;
  readonly socket: number;
  readonly states: readonly TargetState[];
  /** Frames that are sent in the same rounds, with the states of their targets in the same order. */
  readonly groups: readonly {
    readonly every: number;
    readonly frames: FrameSet;
    readonly states: readonly TargetState[];
  }[];
  /** States by the map that counts their answers, in the order of the reader's keys. */
  readonly maps: readonly { readonly reader: MapReader; readonly states: readonly TargetState[] }[];
}

/** Sends frames, and stores the round in the states of their targets. @returns the reason of a failure, else '' */
export function sendTo(
  to: { readonly socket: number; readonly frames: FrameSet; readonly states: readonly TargetState[] },
  round: number,
): string {
  try {
    const sent = to.frames.send(to.socket, { round, nanoseconds: process.hrtime.bigint() });
    for (let index = 0; index < sent; index += 1) to.states[index]!.sent(round);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Opens the socket and the maps of a plan; targets of the previous plan keep their states. */
export function openPlan(plan: ProbePlan, before: readonly TargetState[]): Running {
  const known = new Map(before.map((state) => [state.name, state]));
  const states = plan.targets.map((target) => known.get(target.name) ?? new TargetState(target));
  states.forEach((state, position) => {
    state.change(plan.targets[position]!);
  });
  const readers: MapReader[] = [];
  try {
    const maps = [...Map.groupBy(plan.targets.keys(), (position) => plan.targets[position]!.map)].map(
      ([path, positions]) => {
        const reader = new MapReader(
          path,
          positions.map((position) => keyOf(plan.targets[position]!)),
        );
        readers.push(reader);
        return { reader, states: positions.map((position) => states[position]!) };
      },
    );
    const groups = [...Map.groupBy(plan.targets.keys(), (position) => plan.targets[position]!.every)].map(
      ([every, positions]) => ({
        every,
        frames: new FrameSet(positions.map((position) => frameOf(plan.targets[position]!))),
        states: positions.map((position) => states[position]!),
      }),
    );
    const socket = openFrameSocket(plan.ifindex);
    return { plan, socket, states, groups, maps };
  } catch (error) {
    for (const reader of readers) reader.close();
    throw error;
  }
}

export function closePlan({ socket, maps }: Running): void {
  closeSync(socket);
  for (const { reader } of maps) reader.close();
}

export function frameOf({ frame, stampAt }: ProbeTarget): Frame {
  return { bytes: frame, stampAt };
}

function keyOf({ key }: ProbeTarget): string {
  return Buffer.from(key).toString('latin1');
}
