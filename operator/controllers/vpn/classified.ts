// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import type { ChainEndpoint, ChainSlice, ServiceChain } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import type { GatewayConfig } from '../../../api/vpn-gateway.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { notCoveredBy } from '../../../api/vpn-overlap.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { functionValue } from '../../../kube/index-values.ts';
import type { Stores } from '../../observe/stores.ts';

/**
 * Networks behind a peer that a chain of this VPN does not name in its slices yet. Till it does nobody is let in from
 * them: their packets would go round its functions. What gateways were told before stays, whatever becomes of slices: an
 * edit of a chain cuts nobody off. A chain that is not in force itself holds nobody up. (Addresses need none of it: the
 * chain has the pool whole.)
 */
export function unclassifiedSites(
  stores: Pick<Stores, 'serviceChains' | 'chainSlices'>,
  options: { readonly vpn: Vpn; readonly peer: VpnPeer; readonly told: GatewayConfig | undefined },
): readonly string[] {
  const { vpn, peer, told } = options;
  const before = told?.peers.find(({ name }) => name === peer.metadata.name)?.allowedIPs ?? [];
  const fresh = (peer.spec.allowedIPs ?? []).filter((cidr) => !before.includes(cidr));
  if (fresh.length === 0) return [];
  const { namespace, name } = vpn.metadata;
  const chains = stores.serviceChains
    .byIndex('endpoint', functionValue(namespace, { kind: 'VPN', name }))
    .filter((chain) => chain.spec.network === vpn.spec.network && isInForce(chain));
  const missing = chains.flatMap((chain) => {
    const slices = stores.chainSlices.byIndex('chain', keyOf(chain));
    if (slices.length === 0) return [];
    return (['from', 'to'] as const).flatMap((side) =>
      names(chain.spec[side], name) ? notNamed(slices, side, fresh) : [],
    );
  });
  return fresh.filter((cidr) => missing.includes(cidr));
}

function isInForce({ metadata, status }: ServiceChain): boolean {
  return !metadata.deletionTimestamp && isTrue(status?.conditions, 'Accepted');
}

function names(endpoints: readonly ChainEndpoint[] | undefined, vpn: string): boolean {
  return endpoints?.some((endpoint) => endpoint.vpn === vpn) ?? false;
}

function notNamed(
  slices: readonly ChainSlice[],
  side: 'from' | 'to',
  cidrs: readonly string[],
): readonly string[] {
  const ends = slices.map(({ spec }) => spec[side]);
  if (ends.some(({ any }) => any)) return [];
  const blocks = ends.flatMap((end) => end.cidrs ?? []).filter(({ except = [] }) => except.length === 0);
  return notCoveredBy(
    cidrs,
    blocks.map(({ cidr }) => cidr),
  );
}

/** VPNs that a slice's chain names, when the slice has got other ranges: their peers may be let in. */
export function vpnsOfSlice(
  stores: Pick<Stores, 'serviceChains'>,
  old: ChainSlice | undefined,
  now: ChainSlice | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(rangesOf(old), rangesOf(now))) return [];
  const { namespace } = now.metadata;
  const chain = stores.serviceChains.get(`${namespace}/${now.spec.chain}`);
  const endpoints = [...(chain?.spec.from ?? []), ...(chain?.spec.to ?? [])];
  return [...new Set(endpoints.flatMap(({ vpn }) => (vpn === undefined ? [] : [`${namespace}/${vpn}`])))];
}

function rangesOf(slice: ChainSlice | undefined): unknown {
  return slice && [slice.spec.from.cidrs ?? [], slice.spec.to.cidrs ?? []];
}
