// SPDX-License-Identifier: Apache-2.0
import type { PathPlace } from '../../api/trace.ts';
import type { Packet } from './packet.ts';

/** A packet on its path: where it goes next, and who sends it. */
export interface Travel extends PathPlace {
  readonly packet: Packet;
  /** The instance that it comes from; 0: a pod. */
  readonly emitter: number;
  /** Position of the emitter's hop; of a pod: behind the last one. */
  readonly emitterPosition: number;
  readonly bounces: number;
}
