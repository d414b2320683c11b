// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue } from '../../../api/conditions.ts';
import type { ChainEnd, ChainEndpoint, ChainSlice, Port } from '../../../api/index.ts';
import { type Key, keyOf } from '../../../api/key.ts';
import { addressValue, networkValue } from '../../../kube/index-values.ts';
import { selectsMember } from '../../compile/chain/classifier.ts';
import type { Stores } from '../../observe/stores.ts';
import { observeMember } from '../chain/members.ts';

/**
 * Chains that select the pod of a Port, but whose slices do not name its addresses yet. Until they do, the claim is
 * not accepted and the interface is not made. So a new pod never sends packets that bypass the functions of its
 * chains. A chain without slices or that is not accepted delays no Port.
 */
export function unclassifiedBy(
  stores: Pick<Stores, 'ports' | 'pods' | 'namespaces' | 'serviceChains' | 'chainSlices'>,
  port: Port,
): readonly Key[] {
  const member = observeMember(stores, port);
  if (!port.spec.network || !member) return [];
  return stores.serviceChains.byIndex('network', networkValue(port.spec.network)).flatMap((chain) => {
    const slices = stores.chainSlices.byIndex('chain', keyOf(chain));
    const inForce = slices.length > 0 && !chain.metadata.deletionTimestamp;
    if (!inForce || !isTrue(chain.status?.conditions, 'Accepted')) return [];
    const selects = (endpoints: readonly ChainEndpoint[] | undefined) =>
      endpoints?.some((endpoint) => selectsMember(endpoint, member, chain.metadata.namespace)) ?? false;
    const isNamed =
      (!selects(chain.spec.from) || names(slices, 'from', member.addresses)) &&
      (!selects(chain.spec.to) || names(slices, 'to', member.addresses));
    return isNamed ? [] : [keyOf(chain)];
  });
}

/** Whether a chain stays with the addresses that it has, because of a limit. */
export function hasReachedLimit({ serviceChains }: Pick<Stores, 'serviceChains'>, chain: Key): boolean {
  const conditions = serviceChains.get(chain)?.status?.conditions;
  return findCondition(conditions, 'Programmed')?.reason === 'LimitExceeded';
}

function names(slices: readonly ChainSlice[], side: 'from' | 'to', addresses: readonly string[]): boolean {
  const ends: readonly ChainEnd[] = slices.map(({ spec }) => spec[side]);
  if (ends.some(({ any }) => any)) return true;
  return addresses.every((address) => ends.some((end) => end.addresses?.includes(address)));
}

/** Ports that are not accepted yet and whose address a slice has just got: they may be accepted now. */
export function portsNamedAnew(
  stores: Pick<Stores, 'ports'>,
  old: ChainSlice | undefined,
  now: ChainSlice | undefined,
): readonly Key[] {
  if (now === undefined) return [];
  const before = new Set(old === undefined ? [] : addressesOf(old));
  const anew = addressesOf(now).filter((address) => !before.has(address));
  return anew
    .flatMap((address) => stores.ports.byIndex('address', addressValue(now.spec.vni, address)))
    .filter((port) => !isTrue(port.status?.conditions, 'Accepted'))
    .map(keyOf);
}

function addressesOf({ spec }: ChainSlice): readonly string[] {
  return [...(spec.from.addresses ?? []), ...(spec.to.addresses ?? [])];
}
