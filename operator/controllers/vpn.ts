// SPDX-License-Identifier: Apache-2.0
import type { Key } from '../../api/key.ts';
import type { Vpn } from '../../api/vpn-objects.ts';
import { type Controller, watch } from '../../kube/controller.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import type { Ensurer } from '../apply/ensure.ts';
import { decideVpn } from '../compile/vpn/decide.ts';
import { compileGateways } from '../compile/vpn/deployment.ts';
import type { DecidedVpn } from '../compile/vpn/types.ts';
import { ownerOf } from '../compile/workload/types.ts';
import type { ControllerDeps } from './deps.ts';
import { claimAddresses } from './vpn/claim.ts';
import { vpnsOfSlice } from './vpn/classified.ts';
import { applyExposure } from './vpn/exposure.ts';
import { Keeper } from './vpn/keeper.ts';
import { createVpnMemories, type VpnMemory } from './vpn/memory.ts';
import { applyPrefixes } from './vpn/prefixes.ts';
import { observeBlueprint } from './vpn/snapshot.ts';
import { createVpnStatus, type VpnStatusDeps } from './vpn/status.ts';
import { createVpnTriggers } from './vpn/triggers.ts';
import { createPair } from './workload/controllers.ts';
import { ensurePods } from './workload/ensure-pods.ts';
import { refusalOf } from './workload/refusal.ts';
import { ofOwned, ofPods } from './workload/triggers.ts';

/** Interval for a new attempt when another object has the name of a Secret, or the API server refused an object. */
const RETRY_MS = 15_000;
/**
 * Interval while networks behind a peer are in no slice yet. A new slice wakes the VPN by itself; other changes, such
 * as a deleted chain, do not.
 */
const HELD_MS = 1000;
/** Longest time between passes. A timer cannot exceed 24 days, and a peer may expire in years. */
const LONGEST_MS = 3_600_000;

export interface VpnDeps extends ControllerDeps, Pick<VpnStatusDeps, 'fetchGatewayReport' | 'budget'> {
  /** The image of the gateways. */
  readonly image: string;
}

interface MakeOptions {
  readonly vpn: Vpn;
  readonly key: Key;
  readonly ensurer: Ensurer;
  readonly memory: VpnMemory;
}

/**
 * Creates the two controllers of VPNs: one makes keys, files, rights, gateways and prefixes; the other turns
 * gateways' reports into the active gateway and the status.
 */
export function createVpnControllers(deps: VpnDeps): readonly Controller[] {
  const { stores, writer, events, clock, image } = deps;
  const triggers = createVpnTriggers(stores);
  const memories = createVpnMemories(stores);
  const keeper = new Keeper({ stores, writer, events });

  const pair = createPair({
    kind: 'VPN',
    deps,
    store: stores.vpns,
    desired: {
      watches: [
        watch(stores.vpns, triggers.ofVpn),
        watch(stores.vpnPeers, triggers.ofPeer),
        watch(stores.secrets, triggers.ofSecret),
        watch(stores.endpointSlices, ofOwned('VPN')),
        watch(stores.virtualNetworks, triggers.ofNetwork),
        watch(stores.ports, triggers.ofPort),
        watch(stores.pods, ofPods('VPN', stores.vpns)),
        watch(stores.nodes, triggers.ofNode),
        watch(stores.chainSlices, (old, now) => vpnsOfSlice(stores, old, now)),
      ],
      make,
      forget: (key) => memories.forget(key),
    },
    status: createVpnStatus({ ...deps, memories, apply: (key) => pair.desired.enqueue(key) }),
  });
  return [pair.desired, pair.status];

  /** A quota on Secrets, say, refuses a VPN before it has pods; the status tells it as it tells refused pods. */
  async function make(vpn: Vpn, key: Key, ensurer: Ensurer): Promise<PassResult | undefined> {
    const memory = memories.of(vpn);
    let result: PassResult | undefined;
    memory.podsRefusal = await refusalOf(async () => {
      result = await makeAll({ vpn, key, ensurer, memory });
    });
    if (memory.podsRefusal === undefined) return result;
    memory.decided ??= decide(vpn, memory);
    pair.status.enqueue(key);
    return { requeueAfterMs: RETRY_MS };
  }

  async function makeAll(options: MakeOptions): Promise<PassResult | undefined> {
    const { vpn, key, ensurer, memory } = options;
    // Read once: the other controller may choose another active gateway during this pass, and the active gateway must
    // match the endpoints of peers.
    const { active } = memory;
    const decided = decide(vpn, memory);
    await claimAddresses({ stores, writer, decided });
    const keys = await keeper.makeKeys(decided, active, memory);
    if (keys === 'Taken') {
      // Without keys nothing else can be made; only the status reports it.
      memory.decided = decide(vpn, memory);
      pair.status.enqueue(key);
      return { requeueAfterMs: RETRY_MS };
    }
    // The writes that a takeover waits for come first.
    await keeper.tellGateways(decided, active, memory);
    await applyPrefixes({ stores, writer, decided, active });
    memory.refusal = await applyExposure({ stores, writer, ensurer, decided, active });
    memory.decided = decided;
    pair.status.enqueue(key);
    await keeper.changeFiles(decided);
    const pods = compileGateways(vpn, image);
    await ensurePods({ stores, writer, ensurer, owner: ownerOf(vpn), pods });
    return { requeueAfterMs: nextLookMs(decided, memory) };
  }

  function decide(vpn: Vpn, memory: VpnMemory): DecidedVpn {
    return decideVpn(observeBlueprint(stores, vpn, memory, new Date(clock.now())));
  }

  /** The time until the next pass: at the next expiry at the latest. */
  function nextLookMs({ nextExpiry, peers }: DecidedVpn, { taken, refusal }: VpnMemory): number {
    const isHeld = peers.some(({ peer, sites }) => sites.length < (peer.spec.allowedIPs ?? []).length);
    if (isHeld) return HELD_MS;
    const isBlocked = taken.size > 0 || refusal !== undefined;
    const untilExpiry = nextExpiry ? Math.max(0, nextExpiry.getTime() - clock.now()) : LONGEST_MS;
    return Math.min(untilExpiry, LONGEST_MS, isBlocked ? RETRY_MS : LONGEST_MS);
  }
}
