// SPDX-License-Identifier: Apache-2.0
import { formatPrefix, type Prefix, prefixesMeet, prefixesOf } from '../../../api/net/prefix.ts';
import type { PeerProblem, PrefixClaim, VpnBlueprint, VpnProblem } from './types.ts';

/** What only other objects can tell of a VPN; the first thing that is wrong. */
export function checkVpn(
  blueprint: Pick<VpnBlueprint, 'vpn' | 'subnets' | 'claims' | 'secretTaken'>,
): VpnProblem | undefined {
  const { secretTaken } = blueprint;
  if (secretTaken !== undefined) return secretProblem(secretTaken, 'VPN');
  const pool = prefixesOf(blueprint.vpn.spec.pool);
  const subnet = findOverlap(pool, prefixesOf(blueprint.subnets));
  if (subnet) {
    return {
      reason: 'PoolOverlapsSubnet',
      field: 'spec.pool',
      message: `${formatPrefix(subnet.ours)} overlaps subnet ${formatPrefix(subnet.theirs)} of network ${blueprint.vpn.spec.network}; choose a range outside its subnets`,
    };
  }
  const claimed = findClaim(pool, blueprint.claims);
  if (!claimed) return undefined;
  return {
    reason: 'PoolOverlapsPrefix',
    field: 'spec.pool',
    message: `${formatPrefix(claimed.ours)} overlaps ${formatPrefix(claimed.theirs)} of ${claimed.holder}; choose another range`,
  };
}

/** Nobody's Secret is written over, whatever its name. */
export function secretProblem(name: string, kind: 'VPN' | 'peer') {
  return {
    reason: 'SecretInUse',
    field: 'metadata.name',
    message: `Secret ${name} exists and is not the operator's; remove it, or make the ${kind} anew with another name`,
  } as const;
}

/** A peer's public key must be its own: by it WireGuard tells peers apart. */
export function checkPublicKey(
  publicKey: string,
  known: ReadonlyMap<string, string>,
): PeerProblem | undefined {
  const holder = known.get(publicKey);
  if (holder === undefined) return undefined;
  return {
    reason: 'DuplicatePublicKey',
    field: 'spec.publicKey',
    message: `it is the key of ${holder} too; every peer needs one of its own`,
  };
}

/** Networks behind a peer must be nobody else's, or packets for them would have two ways. */
export function checkAllowedIPs(
  allowedIPs: readonly string[] | undefined,
  claims: readonly PrefixClaim[],
): PeerProblem | undefined {
  const claimed = findClaim(prefixesOf(allowedIPs), claims);
  if (!claimed) return undefined;
  return {
    reason: 'AllowedIPsOverlap',
    field: 'spec.allowedIPs',
    message: `${formatPrefix(claimed.ours)} overlaps ${formatPrefix(claimed.theirs)} of ${claimed.holder}`,
  };
}

interface Overlap {
  readonly ours: Prefix;
  readonly theirs: Prefix;
}

function findClaim(
  ours: readonly Prefix[],
  claims: readonly PrefixClaim[],
): (Overlap & { readonly holder: string }) | undefined {
  for (const { holder, cidrs } of claims) {
    const overlap = findOverlap(ours, prefixesOf(cidrs));
    if (overlap) return { ...overlap, holder };
  }
  return undefined;
}

function findOverlap(ours: readonly Prefix[], theirs: readonly Prefix[]): Overlap | undefined {
  for (const a of ours) {
    const b = theirs.find((each) => prefixesMeet(a, each));
    if (b) return { ours: a, theirs: b };
  }
  return undefined;
}
