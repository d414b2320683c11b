// SPDX-License-Identifier: Apache-2.0
import { isTrue } from '../../../api/conditions.ts';
import type { ChainEndpoint, ChainSlice, ServiceChain } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import type { GatewayConfig } from '../../../api/vpn-gateway.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import { notCoveredBy } from '../../../api/vpn-overlap.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { functionValue } from '../../../kube/index-values.ts';
import { chainOfSlice } from '../../compile/chain/outside-slices.ts';
import type { Stores } from '../../observe/stores.ts';

/**
 * Networks behind a peer that a chain with this VPN does not have in its slices yet. Until it has, no packets from
 * them are let in, because these would bypass the functions of the chain. Networks that gateways already let in stay,
 * so that an edit of a chain disconnects no peer. A chain without slices or that is not accepted delays nothing.
 * Addresses of peers need no such check: the chain has the whole pool.
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

/**
 * VPNs that the chain of a slice names, when the slice has got other ranges: networks of their peers may be let in
 * now.
 */
export function vpnsOfSlice(
  stores: Pick<Stores, 'serviceChains'>,
  old: ChainSlice | undefined,
  now: ChainSlice | undefined,
): readonly Key[] {
  if (now === undefined || sameJson(rangesOf(old), rangesOf(now))) return [];
  const { namespace } = now.metadata;
  const chain = stores.serviceChains.get(`${namespace}/${chainOfSlice(now)}`);
  const endpoints = [...(chain?.spec.from ?? []), ...(chain?.spec.to ?? [])];
  return [...new Set(endpoints.flatMap(({ vpn }) => (vpn === undefined ? [] : [`${namespace}/${vpn}`])))];
}

function rangesOf(slice: ChainSlice | undefined): unknown {
  return slice && [slice.spec.from.cidrs ?? [], slice.spec.to.cidrs ?? []];
}
