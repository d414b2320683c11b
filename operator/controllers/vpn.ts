import type { Vpn } from '../../api/vpn-objects.ts';
import { Controller, watch, watchOwn } from '../../kube/controller.ts';
import { type Key, splitKey } from '../../kube/object.ts';
import type { PassResult } from '../../kube/workqueue.ts';
import { Ensurer } from '../apply/ensure.ts';
import { decideVpn } from '../compile/vpn/decide.ts';
import { compileGateways } from '../compile/vpn/deployment.ts';
import type { DecidedVpn } from '../compile/vpn/types.ts';
import type { ControllerDeps } from './deps.ts';
import { isEnding } from './ending.ts';
import { claimAddresses } from './vpn/claim.ts';
import { vpnsOfSlice } from './vpn/classified.ts';
import { applyExposure } from './vpn/exposure.ts';
import { Keeper } from './vpn/keeper.ts';
import { Memories, type Memory } from './vpn/memory.ts';
import { applyPrefixes } from './vpn/prefixes.ts';
import { observeBlueprint } from './vpn/snapshot.ts';
import { createVpnStatusController, type VpnStatusDeps } from './vpn/status.ts';
import { createVpnTriggers } from './vpn/triggers.ts';
import { ensurePods } from './workload/ensure-pods.ts';

const RESYNC_MS = 10 * 60_000;
/** What somebody else has, a name of a Secret or a port of the nodes, is tried again so often. */
const RETRY_MS = 15_000;
/** The slice that names a site tells of itself; the rest, as a chain that goes, is looked at so often. */
const HELD_MS = 1000;
/** A timer takes no more than 24 days; whoever expires in years is looked at once an hour. */
const LONGEST_MS = 3_600_000;

export interface VpnDeps extends ControllerDeps, Pick<VpnStatusDeps, 'fetchGatewayReport'> {
  /** The image of the gateways. */
  readonly image: string;
}

/** VPN -> keys, files, rights, gateways, and the ways to its peers; and, apart from that, reports -> who is active, status. */
export function createVpnControllers(deps: VpnDeps): readonly Controller[] {
  const { stores, writer, events, clock, image } = deps;
  const triggers = createVpnTriggers(stores);
  const ensurer = new Ensurer({ writer, clock });
  const memories = new Memories(stores);
  const keeper = new Keeper({ stores, writer, events });

  const desired = new Controller({
    name: 'vpn',
    watches: [
      watchOwn(stores.vpns),
      watch(stores.vpns, triggers.ofVpn),
      watch(stores.vpnPeers, triggers.ofPeer),
      watch(stores.secrets, (old, now) => triggers.owner(now ?? old)),
      watch(stores.deployments, (old, now) => triggers.owner(now ?? old)),
      watch(stores.services, (old, now) => triggers.owner(now ?? old)),
      watch(stores.endpointSlices, (old, now) => triggers.owner(now ?? old)),
      watch(stores.virtualNetworks, triggers.ofNetwork),
      watch(stores.ports, triggers.ofPort),
      watch(stores.pods, triggers.ofPod),
      watch(stores.nodes, triggers.ofNode),
      watch(stores.chainSlices, (old, now) => vpnsOfSlice(stores, old, now)),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => stores.vpns.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  const status = createVpnStatusController({ ...deps, memories, apply: (key) => desired.enqueue(key) });
  return [desired, status];

  async function reconcile(key: Key): Promise<PassResult | undefined> {
    const vpn = stores.vpns.get(key);
    // The garbage collector takes what a VPN owns.
    if (!vpn || isEnding(stores, vpn)) return forget(key);
    const memory = memories.of(vpn);
    // The other controller may choose anew meanwhile: who is active and where peers are belong together.
    const { active } = memory;
    const decided = decide(vpn, memory);
    await claimAddresses({ stores, writer, decided });
    const keys = await keeper.makeKeys(decided, active, memory);
    if (keys === 'Taken') {
      // With keys that are nobody's there is nothing to be made; only that is to be said.
      memory.decided = decide(vpn, memory);
      status.enqueue(key);
      return { requeueAfterMs: RETRY_MS };
    }
    // What a takeover waits for comes first.
    await keeper.tellGateways(decided, active);
    await applyPrefixes({ stores, writer, decided, active });
    memory.refusal = await applyExposure({ stores, writer, ensurer, decided, active });
    memory.decided = decided;
    status.enqueue(key);
    await keeper.changeFiles(decided);
    await ensurePods({ stores, ensurer, pods: compileGateways(vpn, image) });
    return { requeueAfterMs: nextLookMs(decided, memory) };
  }

  function decide(vpn: Vpn, memory: Memory): DecidedVpn {
    return decideVpn(observeBlueprint(stores, vpn, memory, new Date(clock.now())));
  }

  /** At the next expiry at the latest. */
  function nextLookMs({ nextExpiry, peers }: DecidedVpn, { taken, refusal }: Memory): number {
    const isHeld = peers.some(({ peer, sites }) => sites.length < (peer.spec.allowedIPs ?? []).length);
    if (isHeld) return HELD_MS;
    const isBlocked = taken.size > 0 || refusal !== undefined;
    const untilExpiry = nextExpiry ? Math.max(0, nextExpiry.getTime() - clock.now()) : LONGEST_MS;
    return Math.min(untilExpiry, LONGEST_MS, isBlocked ? RETRY_MS : LONGEST_MS);
  }

  function forget(key: Key): undefined {
    memories.forget(key);
    const { namespace = '', name } = splitKey(key);
    ensurer.forgetOwned({ kind: 'VPN', namespace, name });
  }
}
