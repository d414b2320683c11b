// SPDX-License-Identifier: Apache-2.0
import type { VirtualNetwork } from '../../api/index.ts';
import type { Key } from '../../api/key.ts';
import type { Prefix } from '../../api/net/prefix.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { Controller, type KeySource, watch, watchOwn } from '../../kube/controller.ts';
import { networkValue } from '../../kube/index-values.ts';
import { resources } from '../../kube/resource.ts';
import { summarizeNetwork, waitingMessage } from '../status/network/summary.ts';
import type { ControllerDeps } from './deps.ts';
import { ledgerOf } from './network/ledger.ts';
import { observeNetwork } from './network/snapshot.ts';
import {
  networksOfNamespace,
  networksOfNode,
  networksOfPeer,
  networksOfPort,
  networksOfReport,
  networksOfServices,
  networksOfVpn,
  networksWithoutVni,
} from './network/triggers.ts';

/** Finalizer of a network, kept while Ports exist: nodes must not lose the network before its pods are gone. */
const FINALIZER = 'heddle.dev/network';
const LAST_VNI = 16_777_215;
const RESYNC_MS = 10 * 60_000;
/** Delay before a network is counted again, in milliseconds: Ports may come by the hundred. */
const COUNT_MS = 300;

export interface NetworkDeps extends ControllerDeps {
  /** Ranges of the cluster that the chart's values name. */
  readonly clusterRanges: readonly Prefix[];
}

/**
 * Creates the controller of VirtualNetworks: VNI, MTU, usage of the subnets, state on the nodes, and the end of a
 * network.
 */
export function createVirtualNetworkController(deps: NetworkDeps): Controller {
  const { stores, writer, events, clock, random, clusterRanges } = deps;
  const ledger = ledgerOf(stores);
  /** VNIs of known networks, to drop their ledgers when the networks are deleted. */
  const vnis = new Map<Key, number>();

  const countLater: KeySource = () =>
    stores.ports.subscribe(({ old, object }) => {
      for (const key of networksOfPort(old, object)) controller.enqueueAfter(key, COUNT_MS);
    });
  const controller = new Controller({
    name: 'virtualnetwork',
    watches: [
      watchOwn(stores.virtualNetworks),
      watch(stores.virtualNetworks, (old, now) => networksWithoutVni(stores, old, now)),
      countLater,
      watch(stores.nodeReports, (old, now) => networksOfReport(stores, old, now)),
      watch(stores.nodes, (old, now) => networksOfNode(stores, old, now)),
      watch(stores.serviceCidrs, (old, now) => networksOfServices(stores, old, now)),
      watch(stores.apiService, (old, now) => networksOfServices(stores, old, now)),
      watch(stores.vpns, networksOfVpn),
      watch(stores.namespaces, (old, now) => networksOfNamespace(stores, old, now)),
      watch(stores.vpnPeers, (old, now) => networksOfPeer(stores, old, now)),
    ],
    resync: { everyMs: RESYNC_MS, keys: () => stores.virtualNetworks.keys() },
    concurrency: 4,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key): Promise<void> {
    const network = stores.virtualNetworks.get(key);
    if (network === undefined) return forget(key);
    try {
      if (network.metadata.deletionTimestamp !== undefined) await end(network);
      else await keep(await holdBack(network));
    } catch (error) {
      // The network was deleted in the meantime; the watch will show it.
      if (!isNotFound(error)) throw error;
    }
  }

  async function keep(network: VirtualNetwork): Promise<void> {
    const start = 1 + Math.floor(random() * LAST_VNI);
    const now = new Date(clock.now());
    const input = observeNetwork({ stores, ledger, network, start, clusterRanges, now });
    const status = summarizeNetwork(input);
    if (status.vni !== undefined) vnis.set(networkValue(network.metadata), status.vni);
    await writeStatus(network, status);
    const message = input.findings.mtuFalls;
    if (message !== undefined)
      events.record({ object: network, type: 'Warning', reason: 'MtuLowered', message });
  }

  async function end(network: VirtualNetwork): Promise<void> {
    const ports = stores.ports.byIndex('network', networkValue(network.metadata));
    if (ports.length === 0) return release(network);
    const message = waitingMessage(network, ports);
    events.record({ object: network, type: 'Normal', reason: 'WaitingForPorts', message });
    await keep(network);
  }

  async function holdBack(network: VirtualNetwork): Promise<VirtualNetwork> {
    const finalizers = network.metadata.finalizers ?? [];
    if (finalizers.includes(FINALIZER)) return network;
    return writeFinalizers(network, [...finalizers, FINALIZER]);
  }

  async function release(network: VirtualNetwork): Promise<void> {
    const finalizers = network.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return;
    await writeFinalizers(
      network,
      finalizers.filter((name) => name !== FINALIZER),
    );
  }

  // Other programs may have finalizers here, so write only over the version that was read.
  function writeFinalizers(network: VirtualNetwork, finalizers: readonly string[]): Promise<VirtualNetwork> {
    const { namespace, name, uid, resourceVersion } = network.metadata;
    return writer.patch<VirtualNetwork>(
      { resource: resources.virtualNetworks, namespace, name },
      { metadata: { finalizers } },
      { preconditions: { uid, resourceVersion } },
    );
  }

  // Write only over the version that was judged: when two leaders allocate a VNI, one of them gets a Conflict.
  async function writeStatus(network: VirtualNetwork, status: VirtualNetwork['status']): Promise<void> {
    if (sameJson(network.status, status)) return;
    const { namespace, name, uid, resourceVersion } = network.metadata;
    await writer.applyStatus(resources.virtualNetworks, {
      metadata: { namespace, name, uid, resourceVersion },
      status,
    });
  }

  function forget(key: Key): void {
    const vni = vnis.get(key);
    vnis.delete(key);
    if (vni !== undefined) ledger.forget(vni);
  }
}
