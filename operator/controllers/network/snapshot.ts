// SPDX-License-Identifier: Apache-2.0
import type { NodeReport, Port, VirtualNetwork } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { tryParseAddress } from '../../../api/net/address.ts';
import type { Prefix } from '../../../api/net/prefix.ts';
import { networkValue } from '../../../kube/index-values.ts';
import type { Ledger } from '../../compile/addresses/ledger.ts';
import { measureLeftovers } from '../../compile/addresses/leftovers.ts';
import type { Pool } from '../../compile/addresses/pool.ts';
import { measureUsage, type Usage } from '../../compile/addresses/usage.ts';
import { boundMtu, describeFall, judgeMtu, limitMtu, type MtuLimit } from '../../compile/network/mtu.ts';
import { compilePools } from '../../compile/network/pools.ts';
import { judgeRoutes, type RoutesVerdict } from '../../compile/network/routes.ts';
import { viewNetwork } from '../../compile/network/view.ts';
import { isGuest } from '../../compile/ports/stay.ts';
import type { NetworkView } from '../../compile/ports/types.ts';
import { allocateVni, type VniHolder, type VniSources } from '../../compile/vni/vni.ts';
import type { Stores } from '../../observe/stores.ts';
import { findStranded, type NetworkFindings } from '../../status/network/checks.ts';
import type { NetworkInput } from '../../status/network/summary.ts';
import { observeClusterRanges } from './cluster-ranges.ts';

/** Most subnets that the schema allows in a status. */
const MOST_SUBNETS = 64;

/** Reads everything that the status of a network is computed from. */
export function observeNetwork(options: {
  readonly stores: Stores;
  readonly ledger: Ledger;
  readonly network: VirtualNetwork;
  /** Where the search for a free VNI begins. */
  readonly start: number;
  /** Ranges of the cluster that the chart's values name. */
  readonly clusterRanges: readonly Prefix[];
  readonly now: Date;
}): NetworkInput {
  const { stores, ledger, network, start, clusterRanges, now } = options;
  const ports = stores.ports.byIndex('network', networkValue(network.metadata));
  const pools = compilePools(network.spec.subnets);
  const list = pools.kind === 'Pools' ? pools.pools : [];
  const vni = network.status?.vni;
  const usage = vni === undefined ? [] : observeUsage({ network, pools: list, vni, ledger });
  return {
    network,
    ports,
    usage,
    strangers: observeStrangers(stores, network, ports),
    routes: observeRoutes({ stores, network, ports, usage, clusterRanges }),
    findings: {
      pools,
      vni: allocateVni({ network: holderOf(stores, network), sources: vniSources(stores, ledger), start }),
      ...observeMtu(stores, network, list),
      stranded: pools.kind === 'Pools' ? findStranded(ports, list) : [],
    },
    report: (node) => reportOf(stores, node),
    now,
  };
}

function observeMtu(
  stores: Pick<Stores, 'nodes' | 'nodeReports'>,
  network: VirtualNetwork,
  pools: readonly Pool[],
): Pick<NetworkFindings, 'mtu' | 'mtuFalls'> {
  const limit = observeMtuLimit(stores);
  const wanted = network.spec.mtu;
  const held = network.status?.mtu;
  const mtu = judgeMtu({ wanted, held, hasIpv6: pools.some(({ family }) => family === 6), limit });
  return { mtu, mtuFalls: wanted === undefined ? describeFall(held, mtu, limit) : undefined };
}

/** Ports of namespaces that the network admits no longer. */
function observeStrangers(
  stores: Pick<Stores, 'virtualNetworks' | 'namespaces'>,
  network: VirtualNetwork,
  ports: readonly Port[],
): readonly Port[] {
  const { admits } = viewNetwork(network, (namespace) => stores.namespaces.get(namespace)?.metadata.labels);
  const known = new Map<string, boolean>();
  return ports.filter((port) => {
    const { namespace } = port.metadata;
    const isAdmitted = !isGuest(port) || (known.get(namespace) ?? admits(namespace));
    known.set(namespace, isAdmitted);
    return !isAdmitted;
  });
}

/**
 * The ranges of the network, judged. Those behind a VPN count as long as the VPN has them, also while no gateway does: so a
 * takeover changes no routes.
 */
function observeRoutes(options: {
  readonly stores: Stores;
  readonly network: VirtualNetwork;
  readonly ports: readonly Port[];
  readonly usage: readonly Usage[];
  readonly clusterRanges: readonly Prefix[];
}): RoutesVerdict {
  const { stores, network, ports, usage, clusterRanges } = options;
  const vpns = stores.vpns.byIndex('network', networkValue(network.metadata));
  const peers = vpns.flatMap(({ metadata }) =>
    stores.vpnPeers.byIndex('vpn', joinKey(metadata.namespace, metadata.name)),
  );
  const behind = [
    ...ports.flatMap(({ spec }) => spec.prefixes ?? []),
    ...vpns.flatMap(({ spec }) => spec.pool),
    ...peers.flatMap(({ spec }) => spec.allowedIPs ?? []),
  ];
  return judgeRoutes({
    cidrs: [...[...network.spec.subnets, ...usage].map(({ cidr }) => cidr), ...behind.sort()],
    clusterRanges: observeClusterRanges(stores, clusterRanges),
    wanted: network.spec.routes,
    before: network.status?.routes,
    inUse: ports.length > 0,
  });
}

// A removed subnet stays in the list, shown as full, while Ports have addresses in it, because nodes keep its routes.
function observeUsage(options: {
  readonly network: VirtualNetwork;
  readonly pools: readonly Pool[];
  readonly vni: number;
  readonly ledger: Ledger;
}): Usage[] {
  const { network, pools, vni, ledger } = options;
  const left = measureLeftovers({
    pools,
    before: (network.status?.subnets ?? []).map(({ cidr }) => cidr),
    taken: (family) => ledger.taken(vni, family),
  });
  const used = pools.map((pool) => measureUsage(pool, ledger.taken(vni, pool.family)));
  return [...used, ...left].slice(0, MOST_SUBNETS);
}

const views = new WeakMap<VirtualNetwork, NetworkView>();

/**
 * The network as seen by pods that join it. Computed once for each version of the network, because thousands of pods
 * may ask.
 */
export function observeView(
  stores: Pick<Stores, 'virtualNetworks' | 'namespaces'>,
  ref: { readonly namespace: string; readonly name: string },
): NetworkView | undefined {
  const network = stores.virtualNetworks.get(networkValue(ref));
  if (network === undefined) return undefined;
  const known = views.get(network);
  if (known !== undefined) return known;
  const view = viewNetwork(network, (namespace) => stores.namespaces.get(namespace)?.metadata.labels);
  views.set(network, view);
  return view;
}

/** The largest inner packet that all live nodes can carry. */
function observeMtuLimit(stores: Pick<Stores, 'nodes' | 'nodeReports'>): MtuLimit | undefined {
  const underlays = liveReports(stores).flatMap(({ metadata, status }) => {
    const mtu = status?.underlayMtu;
    if (mtu === undefined || mtu === 0) return [];
    const [vtep = ''] = status?.vteps ?? [];
    return [{ node: metadata.name, mtu, family: tryParseAddress(vtep)?.family ?? 4 }];
  });
  return limitMtu(underlays);
}

/** The MTU of chain0, by which packets of all networks pass. */
export function observeInstanceMtu(stores: Pick<Stores, 'nodes' | 'nodeReports'>): number | undefined {
  const limit = observeMtuLimit(stores);
  return limit && boundMtu(limit, true).mtu;
}

function reportOf(stores: Pick<Stores, 'nodeReports'>, node: string): NodeReport | undefined {
  return stores.nodeReports.byIndex('node', node)[0];
}

// A deleted node may leave its NodeReport behind. It counts no longer.
function liveReports({ nodes, nodeReports }: Pick<Stores, 'nodes' | 'nodeReports'>): NodeReport[] {
  return [...nodeReports.values()].filter((report) => nodes.has(report.metadata.name));
}

function holderOf(stores: Stores, network: VirtualNetwork): VniHolder {
  const key = networkValue(network.metadata);
  return {
    key,
    createdAt: network.metadata.creationTimestamp ?? '',
    pin: network.spec.vni,
    held: network.status?.vni,
    used: stores.ports.countByIndex('network', key) > 0,
  };
}

// Expensive lookups are made on first use only: most passes ask only which network has one VNI.
function vniSources(stores: Stores, ledger: Ledger): VniSources {
  let pins: Map<number, VniHolder[]> | undefined;
  let nodes: Map<number, string[]> | undefined;
  const holder = (network: VirtualNetwork): VniHolder => holderOf(stores, network);
  return {
    holding: (vni) => stores.virtualNetworks.byIndex('vni', String(vni)).map(holder),
    pinning: (vni) => {
      pins ??= Map.groupBy([...stores.virtualNetworks.values()].map(holder), ({ pin }) => pin ?? 0);
      return pins.get(vni) ?? [];
    },
    nodesWith: (vni) => {
      nodes ??= nodesByVni(liveReports(stores));
      return nodes.get(vni) ?? [];
    },
    hasPorts: (vni) => ledger.isUsed(vni),
  };
}

function nodesByVni(reports: readonly NodeReport[]): Map<number, string[]> {
  const nodes = new Map<number, string[]>();
  for (const { metadata, status } of reports) {
    for (const vni of status?.vnis ?? []) {
      const names = nodes.get(vni);
      if (names === undefined) nodes.set(vni, [metadata.name]);
      else names.push(metadata.name);
    }
  }
  return nodes;
}
