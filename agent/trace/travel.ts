// SPDX-License-Identifier: Apache-2.0
import type { PathPlace } from '../../api/trace.ts';
import type { Packet } from './packet.ts';

/** A packet on its path: the hop that it goes to next, and its emitter. */
export interface Travel extends PathPlace {
  readonly packet: Packet;
  /** The instance that it comes from; 0: a pod. */
  readonly emitter: number;
  /** Position of the emitter's hop; for a pod: behind the last hop. */
  readonly emitterPosition: number;
  readonly bounces: number;
}
