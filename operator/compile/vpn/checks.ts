// SPDX-License-Identifier: Apache-2.0
import { formatPrefix, type Prefix, prefixesMeet, prefixesOf } from '../../../api/net/prefix.ts';
import type { PeerProblem, PrefixClaim, VpnBlueprint, VpnProblem } from './types.ts';

/** Checks a VPN against other objects. Returns the first problem. */
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

/** The problem that a Secret of this name exists and has another owner. Such a Secret is never overwritten. */
export function secretProblem(name: string, kind: 'VPN' | 'peer') {
  return {
    reason: 'SecretInUse',
    field: 'metadata.name',
    message: `Secret ${name} exists and is not the operator's; remove it, or create the ${kind} again with another name`,
  } as const;
}

/** Checks that no other peer has the same public key, because WireGuard tells peers apart by it. */
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

/** Checks that the networks behind a peer overlap no other claim. Packets for them would have two routes otherwise. */
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
