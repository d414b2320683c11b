// SPDX-License-Identifier: Apache-2.0
import { formatAddress } from '../../api/net/address.ts';
import { mappedBytes } from '../../api/net/mapped.ts';
import type { TracePlace } from '../../api/trace.ts';
import { renderFlowKey } from '../render/flow.ts';
import {
  FLOW_F_OPENER_IS_LOW,
  FLOW_NOTE,
  FLOW_OPENER,
  FLOW_PIN,
  HOP_F_REWRITES,
  type Hop,
  MAX_BOUNCES,
  PORT_F_INSTANCE,
  SEGMENT_NONE,
} from '../render/generated/layout.ts';
import { findUsable, knownAhead } from './choose.ts';
import { classify } from './classify.ts';
import type { TraceMaps } from './maps.ts';
import { dropStep, type Step } from './outcome.ts';
import type { Packet } from './packet.ts';
import { deliver, hopKey, steer } from './steer.ts';

/** Finds the host side of a Port (`namespace/name`) or of an instance of this node. */
export interface Interfaces {
  ifindexOfPort(key: string): number | undefined;
  ifindexOfInstance(id: number): number | undefined;
}

interface Question {
  readonly maps: TraceMaps;
  readonly interfaces: Interfaces;
  readonly packet: Packet;
}

/** Finds what the programs of this node would do next with a packet at `place`. Reads only. */
export function traceStep(question: Question, place: TracePlace): Promise<Step> {
  switch (place.kind) {
    case 'Port':
      return fromPort(question, place);
    case 'Instance':
      return fromInstance(question, place);
    case 'Arrival':
      return onArrival(question, place);
    case 'Delivery':
      return onDelivery(question, place);
  }
}

/** `pod_ingress`. */
async function fromPort(
  { maps, interfaces, packet }: Question,
  place: Extract<TracePlace, { kind: 'Port' }>,
): Promise<Step> {
  const ifindex = interfaces.ifindexOfPort(place.port);
  const port = ifindex === undefined ? undefined : await maps.port(ifindex);
  if (ifindex === undefined || !port || port.flags & PORT_F_INSTANCE) {
    return dropStep('unknown_port', `${place.port} is not attached to this node`);
  }
  const { vni } = port;
  const source = await maps.endpoint(vni, packet.source);
  if (!source || source.ifindex !== ifindex) {
    return dropStep('spoofed_source', `${formatAddress(packet.source)} does not belong to ${place.port}`);
  }
  if (!(await maps.network(vni))) return dropStep('unknown_network', `the node does not have VNI ${vni}`);
  const match = await classify(maps, vni, packet);
  if (match.kind === 'None') {
    const outcome = await deliver(maps, vni, packet.destination);
    return { classified: { match, reply: false }, skipped: [], outcome };
  }
  const path = await maps.path(match.path);
  const reply =
    match.ways === 'Both' ? await isReply(maps, match.path, { packet, place }) : match.ways === 'Reply';
  const classified = { match, reply };
  if (!path || path.vni !== vni) {
    const step = dropStep('unknown_path', `the kernel has no path ${match.path} of this network`);
    return { ...step, classified };
  }
  const travel = {
    packet,
    path: match.path,
    position: reply ? path.hops - 1 : 0,
    reply,
    emitter: 0,
    emitterPosition: path.hops,
    bounces: 0,
  };
  return { ...(await steer(maps, path, travel)), path: match.path, classified };
}

/** `is_reply_of_flow`: by the stored opener of the flow; for an unknown flow, as the query says. */
async function isReply(
  maps: TraceMaps,
  path: number,
  { packet, place }: { readonly packet: Packet; readonly place: { readonly reply: boolean } },
): Promise<boolean> {
  const key = renderFlowKey(packet, { path, segment: SEGMENT_NONE, kind: FLOW_OPENER });
  const known = packet.opens ? undefined : await maps.flow(key);
  if (!known) return place.reply && !packet.opens;
  const source = mappedBytes(packet.source);
  const sourceIsLow =
    Buffer.compare(key.low, source) === 0 &&
    (Buffer.compare(key.high, source) !== 0 || key.lowPort === packet.sourcePort);
  return known.flags & FLOW_F_OPENER_IS_LOW ? !sourceIsLow : sourceIsLow;
}

/** `fn_ingress`. */
async function fromInstance(
  { maps, interfaces, packet }: Question,
  place: Extract<TracePlace, { kind: 'Instance' }>,
): Promise<Step> {
  const ifindex = interfaces.ifindexOfInstance(place.instance);
  const port = ifindex === undefined ? undefined : await maps.port(ifindex);
  if (!port || !(port.flags & PORT_F_INSTANCE)) {
    return dropStep('unknown_port', `instance ${place.instance} is not attached to this node`);
  }
  const path = await maps.path(place.path);
  if (!path) return dropStep('unknown_path', `the node does not have path ${place.path}`);
  const hop =
    place.position < path.hops ? await maps.hop(hopKey(path, place.path, place.position)) : undefined;
  if (!hop || hop.pool !== port.pool) {
    return dropStep('wrong_context', `instance ${place.instance} is not of hop ${place.position + 1}`);
  }
  const travel = {
    packet,
    path: place.path,
    position: place.position + (place.reply ? -1 : 1),
    reply: place.reply,
    emitter: place.instance,
    emitterPosition: place.position,
    bounces: 0,
  };
  return { ...(await steer(maps, path, travel)), path: place.path };
}

/** `receive_for_instance`: the packet enters the instance, or is bounced to another one if it is down or gone. */
async function onArrival(
  { maps, packet }: Question,
  place: Extract<TracePlace, { kind: 'Arrival' }>,
): Promise<Step> {
  const path = await maps.path(place.path);
  if (!path) return dropStep('unknown_path', `the node does not have path ${place.path}`);
  const hop =
    place.position < path.hops ? await maps.hop(hopKey(path, place.path, place.position)) : undefined;
  if (!hop) return dropStep('wrong_context', `path ${place.path} has no hop ${place.position + 1} here`);
  const instance = await findUsable(maps, place.instance, hop.pool);
  const travel = { ...place, packet };
  const isHere = instance !== undefined && instance.ifindex !== 0;
  if (isHere && !(await isElsewhere(maps, hop, travel))) {
    const choice = { kind: 'Addressed' } as const;
    const outcome = {
      kind: 'Instance',
      vni: path.vni,
      id: place.instance,
      instance,
      choice,
      travel,
    } as const;
    return { path: place.path, skipped: [], outcome };
  }
  if (place.bounces >= MAX_BOUNCES) {
    const detail = `it was bounced ${MAX_BOUNCES} times, each time to an instance that is down`;
    const at = { path: place.path, position: place.position };
    return { path: place.path, skipped: [], outcome: { kind: 'Drop', reason: 'hop_down', detail, at } };
  }
  return { ...(await steer(maps, path, { ...travel, bounces: place.bounces + 1 })), path: place.path };
}

/** `is_elsewhere`: whether a pin or note on this node names another usable instance than the sender has chosen. */
async function isElsewhere(
  maps: TraceMaps,
  hop: Hop,
  {
    packet,
    path,
    position,
    reply,
    instance,
    emitterPosition,
    bounces,
  }: Extract<TracePlace, { kind: 'Arrival' }> & {
    readonly packet: Packet;
  },
): Promise<boolean> {
  if (!(hop.flags & HOP_F_REWRITES) || packet.opens || bounces > 0) return false;
  const question = { packet, path, reply, segment: reply ? emitterPosition : position };
  const known = (await knownAhead(maps, question, FLOW_PIN)) || (await knownAhead(maps, question, FLOW_NOTE));
  return known !== instance && (await findUsable(maps, known, hop.pool)) !== undefined;
}

/** `receive_for_port`. */
async function onDelivery(
  { maps, packet }: Question,
  place: Extract<TracePlace, { kind: 'Delivery' }>,
): Promise<Step> {
  if (!(await maps.network(place.vni)))
    return dropStep('unknown_network', `the node does not have VNI ${place.vni}`);
  const endpoint = await maps.endpoint(place.vni, packet.destination);
  if (!endpoint || endpoint.ifindex === 0) {
    return dropStep(
      'unknown_destination',
      `${formatAddress(packet.destination)} is not attached to this node`,
    );
  }
  return { skipped: [], outcome: { kind: 'Port', vni: place.vni, endpoint } };
}
