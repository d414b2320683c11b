// SPDX-License-Identifier: Apache-2.0
import type { Choice } from '../../api/trace.ts';
import { hashFlow, renderFlowKey } from '../render/flow.ts';
import {
  FLOW_NOTE,
  FLOW_PIN,
  type FlowKey,
  HOP_F_REWRITES,
  type Hop,
  type HopKey,
  INSTANCE_F_DOWN,
  INSTANCE_F_LEAVING,
  type Instance,
  TABLE_SIZE,
  TABLE_SLOTS,
} from '../render/generated/layout.ts';
import type { TraceMaps } from './maps.ts';
import type { Packet } from './packet.ts';

/** As in agent/bpf/choose.h. */
const TABLE_TRIES = 16;

export interface Chosen {
  readonly id: number;
  readonly instance: Instance;
  readonly choice: Choice;
}

export interface HopQuestion {
  readonly hop: Hop;
  readonly key: HopKey;
  readonly packet: Packet;
  readonly path: number;
  readonly segment: number;
  readonly reply: boolean;
}

/** `instance_for` in agent/bpf/steer.h: the instance that the flow is pinned to, else the one that its hash picks. */
export async function chooseInstance(maps: TraceMaps, question: HopQuestion): Promise<Chosen | undefined> {
  const { hop, key, packet } = question;
  const pinned = packet.opens ? 0 : await knownAhead(maps, question, FLOW_PIN);
  const pin = await findUsable(maps, pinned, hop.pool);
  if (pin) return { id: pinned, instance: pin, choice: { kind: 'Pinned' } };
  if (pinned === 0 && hop.flags & HOP_F_REWRITES && !packet.opens) {
    const noted = await knownAhead(maps, question, FLOW_NOTE);
    const instance = await findUsable(maps, noted, hop.pool);
    if (instance) return { id: noted, instance, choice: { kind: 'Noted' } };
  }
  const moved = pinned === 0 ? {} : { movedFrom: pinned };
  if (hop.count === 0) return undefined;
  if (hop.count === 1) {
    const instance = await findUsable(maps, hop.instance, hop.pool);
    return instance && { id: hop.instance, instance, choice: { kind: 'Only', ...moved } };
  }
  const { path, segment } = question;
  const picked = await pickByHash(maps, { hop, key, flowKey: renderFlowKey(packet, { path, segment }) });
  return picked && { ...picked, choice: { kind: 'Hashed', among: hop.count, ...moved } };
}

/** The instance ahead on the segment, by the flow's pin or by another node's note; 0: not known. */
export async function knownAhead(
  maps: TraceMaps,
  { packet, path, segment, reply }: Pick<HopQuestion, 'packet' | 'path' | 'segment' | 'reply'>,
  kind: typeof FLOW_PIN | typeof FLOW_NOTE,
): Promise<number> {
  const known = await maps.flow(renderFlowKey(packet, { path, segment, kind }));
  return known ? (reply ? known.left : known.right) : 0;
}

async function pickByHash(
  maps: TraceMaps,
  { hop, key, flowKey }: { readonly hop: Hop; readonly key: HopKey; readonly flowKey: FlowKey },
): Promise<{ readonly id: number; readonly instance: Instance } | undefined> {
  const table = await maps.table(key);
  if (!table) return undefined;
  const first = hashFlow(flowKey) % TABLE_SLOTS;
  for (let tries = 0; tries < TABLE_TRIES; tries++) {
    const id = table.slot[(first + tries) & (TABLE_SIZE - 1)] ?? 0;
    const instance = await findUsable(maps, id, hop.pool);
    if (instance) return { id, instance };
  }
  return undefined;
}

/** Flags of an instance that takes no new flow: a leaving one takes only answers, and a trace is of a flow's first packet. */
const UNUSABLE = INSTANCE_F_DOWN | INSTANCE_F_LEAVING;

/** `find_usable` in agent/bpf/choose.h: it forwards, and belongs to the function of the hop. */
export async function findUsable(maps: TraceMaps, id: number, pool: bigint): Promise<Instance | undefined> {
  const instance = id === 0 ? undefined : await maps.instance(id);
  return instance && instance.pool === pool && !(instance.flags & UNUSABLE) ? instance : undefined;
}
