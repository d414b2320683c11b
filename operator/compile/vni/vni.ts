// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';

const FIRST = 1;
const LAST = 16_777_215;

/** The properties of a network that matter for the allocation of VNIs. */
export interface VniHolder {
  /** `namespace/name`. */
  readonly key: string;
  readonly createdAt: string;
  /** VNI that the spec pins. */
  readonly pin: number | undefined;
  /** VNI in the status. */
  readonly held: number | undefined;
  /** Whether it has Ports. */
  readonly used: boolean;
}

export interface VniSources {
  /** Networks whose status has this VNI. */
  holding(vni: number): readonly VniHolder[];
  /** Networks whose spec pins this VNI. */
  pinning(vni: number): readonly VniHolder[];
  /** Live nodes that have the VNI in their kernel. */
  nodesWith(vni: number): readonly string[];
  /** Whether Ports carry this VNI. */
  hasPorts(vni: number): boolean;
}

export type VniVerdict =
  | { readonly kind: 'Keep'; readonly vni: number }
  | { readonly kind: 'Take'; readonly vni: number }
  | { readonly kind: 'Conflict'; readonly vni: number; readonly message: string }
  | { readonly kind: 'Exhausted' };

/**
 * Allocates the VNI of a network. A network keeps the VNI that it has, unless two leaders gave the same one to two
 * networks. Of several networks that pin the same VNI, the oldest gets it. A VNI that a Port or a live node still has
 * is not allocated, because packets of its former network may be in transit.
 *
 * `start` is where the search for a free VNI begins. The caller draws it at random, so that two leaders that do not
 * yet see each other's writes do not choose the same VNI.
 */
export function allocateVni(options: {
  readonly network: VniHolder;
  readonly sources: VniSources;
  readonly start: number;
}): VniVerdict {
  const { network, sources } = options;
  if (network.held !== undefined) return judgeHeld({ ...options, vni: network.held });
  if (network.pin !== undefined) return judgePin({ network, sources, vni: network.pin });
  return search(options);
}

// Two networks have the same VNI only when two leaders allocated it at the same time. The older network keeps it. The
// other gets a new VNI while it has no Ports. With Ports it gets a condition instead: a new VNI would disconnect its
// pods.
function judgeHeld(options: {
  network: VniHolder;
  sources: VniSources;
  start: number;
  vni: number;
}): VniVerdict {
  const { network, sources, vni } = options;
  const older = others(sources.holding(vni), network).find((o) => isOlder(o, network));
  if (older === undefined) return { kind: 'Keep', vni };
  if (!network.used && network.pin === undefined) return search(options);
  return conflict(vni, `VNI ${vni} is held by the older network ${older.key} too; remove one of the two`);
}

function search(options: { network: VniHolder; sources: VniSources; start: number }): VniVerdict {
  const vni = findFree({ ...options, key: options.network.key });
  return vni === undefined ? { kind: 'Exhausted' } : { kind: 'Take', vni };
}

function judgePin(options: { network: VniHolder; sources: VniSources; vni: number }): VniVerdict {
  const { network, sources, vni } = options;
  const holder =
    others(sources.holding(vni), network)[0] ??
    others(sources.pinning(vni), network).find((o) => isOlder(o, network));
  if (holder !== undefined) {
    const how = holder.held === vni ? 'is held by' : 'is pinned by the older';
    return conflict(
      vni,
      `spec.vni ${vni} ${how} network ${holder.key}; create this network anew with another vni or without one, or remove ${holder.key}`,
    );
  }
  const nodes = sources.nodesWith(vni);
  if (nodes.length > 0) {
    return conflict(
      vni,
      `spec.vni ${vni} is still in use on node ${nameSome(nodes.toSorted())} by an earlier network; it is taken when they have cleaned up`,
    );
  }
  if (sources.hasPorts(vni)) {
    return conflict(
      vni,
      `spec.vni ${vni} is still carried by Ports of an earlier network; it is taken when they are gone`,
    );
  }
  return { kind: 'Take', vni };
}

function findFree(options: { key: string; sources: VniSources; start: number }): number | undefined {
  const { key, sources, start } = options;
  const from = Math.min(Math.max(Math.trunc(start), FIRST), LAST);
  for (let vni = from; vni <= LAST; vni += 1) if (isFree({ key, sources, vni })) return vni;
  for (let vni = FIRST; vni < from; vni += 1) if (isFree({ key, sources, vni })) return vni;
  return undefined;
}

function isFree(options: { key: string; sources: VniSources; vni: number }): boolean {
  const { key, sources, vni } = options;
  const known = [...sources.holding(vni), ...sources.pinning(vni)];
  if (known.some((o) => o.key !== key)) return false;
  return sources.nodesWith(vni).length === 0 && !sources.hasPorts(vni);
}

/** The other networks, the oldest first. */
function others(networks: readonly VniHolder[], self: VniHolder): readonly VniHolder[] {
  return networks.filter((o) => o.key !== self.key).sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

function conflict(vni: number, message: string): VniVerdict {
  return { kind: 'Conflict', vni, message };
}

/** Compares creation times. They are whole seconds, so the name breaks ties. */
function isOlder(a: VniHolder, b: VniHolder): boolean {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt;
  return a.key < b.key;
}
