import type { Firewall } from '../api/index.ts';
import { Ensurer } from '../apply/ensure.ts';
import { prune } from '../apply/prune.ts';
import { compileFunction } from '../compile/function/compile.ts';
import { type FunctionKind, functionKinds } from '../compile/function/kinds.ts';
import { peersNameOf } from '../compile/function/names.ts';
import type { Peers } from '../compile/function/peers.ts';
import { Controller, watch, watchOwn } from '../runtime/controller.ts';
import { type Key, splitKey } from '../runtime/object.ts';
import { resources } from '../runtime/resource.ts';
import type { ControllerDeps } from './deps.ts';
import { isEnding } from './ending.ts';
import { observePaths, ownerOf } from './function/snapshot.ts';
import { createFirewallStatusController, type FirewallStatusDeps } from './function/status.ts';
import {
  firewallOwning,
  firewallsOfChain,
  firewallsOfLabels,
  firewallsOfNamespace,
  firewallsOfNetwork,
  firewallsOfPort,
} from './function/triggers.ts';

const RESYNC_MS = 10 * 60_000;

export interface FirewallDeps extends ControllerDeps, Pick<FirewallStatusDeps, 'fetchReport'> {
  /** The image of each kind of function. */
  readonly images: Readonly<Record<FunctionKind, string>>;
}

/** Firewall -> rights, Deployment and peers; and, apart from that, instances' reports -> status. */
export function createFirewallControllers(deps: FirewallDeps): readonly Controller[] {
  const { stores, writer, clock, images } = deps;
  const ensurer = new Ensurer({ writer, clock });
  /** Bytes of the peers that one ConfigMap does not hold. */
  const tooLarge = new Map<Key, number>();

  const status = createFirewallStatusController({ ...deps, peersTooLarge: (key) => tooLarge.get(key) });
  const desired = new Controller({
    name: 'firewall',
    watches: [
      watchOwn(stores.firewalls),
      watch(stores.deployments, (old, now) => firewallOwning(now ?? old)),
      watch(stores.configMaps, (old, now) => firewallOwning(now ?? old)),
      watch(stores.serviceChains, (old, now) => firewallsOfChain(stores, old, now)),
      watch(stores.virtualNetworks, (old, now) => firewallsOfNetwork(stores, old, now)),
      watch(stores.ports, (old, now) => firewallsOfPort(stores, old, now)),
      watch(stores.pods, (old, now) => firewallsOfLabels(stores, old, now)),
      watch(stores.namespaces, (old, now) => firewallsOfNamespace(stores, old, now)),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => stores.firewalls.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  return [desired, status];

  async function reconcile(key: Key): Promise<void> {
    const firewall = stores.firewalls.get(key);
    // The garbage collector takes what a firewall owns.
    if (!firewall || isEnding(stores, firewall)) return forget(key);
    const owner = ownerOf(firewall);
    const needs = functionKinds[owner.kind].needs(firewall.spec);
    const paths = needs.selectors.length > 0 ? observePaths(stores, owner) : [];
    const { rights, peers, deployment } = compileFunction({ owner, needs, paths, image: images[owner.kind] });

    const [account, role, binding] = rights;
    await ensurer.ensure({ resource: resources.serviceAccounts, object: account, stored: 'NotWatched' });
    await ensurer.ensure({ resource: resources.roles, object: role, stored: 'NotWatched' });
    await ensurer.ensure({ resource: resources.roleBindings, object: binding, stored: 'NotWatched' });
    await applyPeers(key, firewall, peers);
    const stored = stores.deployments.get(`${owner.namespace}/${deployment.metadata.name}`);
    await ensurer.ensure({ resource: resources.deployments, object: deployment, stored });
  }

  async function applyPeers(key: Key, firewall: Firewall, peers: Peers): Promise<void> {
    const { namespace, name, uid } = firewall.metadata;
    const stored = stores.configMaps.get(`${namespace}/${peersNameOf(firewall.kind, name)}`);
    noteSize(key, peers);
    switch (peers.kind) {
      case 'ConfigMap':
        return ensurer.ensure({ resource: resources.configMaps, object: peers.object, stored });
      case 'TooLarge':
        return;
      case 'None': {
        const isOurs = stored?.metadata?.ownerReferences?.some((owner) => owner.uid === uid);
        const superfluous = stored && isOurs ? [stored] : [];
        const wanted = new Set<string>();
        return prune({ writer, resource: resources.configMaps, stored: superfluous, wanted });
      }
    }
  }

  function noteSize(key: Key, peers: Peers): void {
    const before = tooLarge.get(key);
    if (peers.kind === 'TooLarge') tooLarge.set(key, peers.bytes);
    else tooLarge.delete(key);
    if (before !== tooLarge.get(key)) status.enqueue(key);
  }

  function forget(key: Key): void {
    tooLarge.delete(key);
    const { namespace = '', name } = splitKey(key);
    ensurer.forgetOwned({ kind: 'Firewall', namespace, name });
  }
}
