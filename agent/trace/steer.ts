// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress } from '../../api/net/address.ts';
import { ENDPOINT_F_PORT, HOP_F_OPEN, type HopKey, MAX_HOPS, type Path } from '../render/generated/layout.ts';
import { type Chosen, chooseInstance } from './choose.ts';
import type { TraceMaps } from './maps.ts';
import type { Outcome, Step } from './outcome.ts';
import type { Travel } from './travel.ts';

/** `steer` in agent/bpf/steer.h: to the first hop from `travel.position` with an instance, or to the destination. */
export async function steer(maps: TraceMaps, path: Path, travel: Travel): Promise<Step> {
  const { reply, packet, emitterPosition } = travel;
  const skipped: number[] = [];
  let position = travel.position;
  for (; position >= 0 && position < path.hops; position += reply ? -1 : 1) {
    const key = hopKey(path, travel.path, position);
    const hop = await maps.hop(key);
    if (!hop) return { skipped, outcome: lost(travel.path, position) };
    const segment = reply ? emitterPosition : position;
    const chosen = await chooseInstance(maps, { hop, key, packet, path: travel.path, segment, reply });
    if (chosen) return { skipped, outcome: intoInstance(chosen, path, { ...travel, position }) };
    if (!(hop.flags & HOP_F_OPEN)) {
      const detail = 'no instance of the hop can take it, and the hop says onFailure: Closed';
      return {
        skipped,
        outcome: { kind: 'Drop', reason: 'hop_down', detail, at: { path: travel.path, position } },
      };
    }
    skipped.push(position);
  }
  return { skipped, outcome: await deliver(maps, path.vni, packet.destination) };
}

export function hopKey(path: Path, id: number, position: number): HopKey {
  return { path: id, slot: position + MAX_HOPS * (path.bank & 1) };
}

/** `deliver_to` in agent/bpf/deliver.h. */
export async function deliver(maps: TraceMaps, vni: number, destination: Address): Promise<Outcome> {
  const endpoint = await maps.endpoint(vni, destination);
  if (!endpoint || !(endpoint.flags & ENDPOINT_F_PORT)) {
    return {
      kind: 'Drop',
      reason: 'unknown_destination',
      detail: `no Port of the network has ${formatAddress(destination)}`,
    };
  }
  return { kind: 'Port', vni, endpoint };
}

function intoInstance({ id, instance, choice }: Chosen, path: Path, travel: Travel): Outcome {
  return { kind: 'Instance', vni: path.vni, id, instance, choice, travel };
}

function lost(path: number, position: number): Outcome {
  const detail = `path ${path} has no hop ${position + 1} in the kernel of this node`;
  return { kind: 'Drop', reason: 'unknown_path', detail };
}
