import { type Cidr, formatCidr } from '../../../api/index.ts';
import { overlaps, rangesOf } from '../../../api/vpn-overlap.ts';
import type { PeerProblem, PrefixClaim, VpnBlueprint, VpnProblem } from './types.ts';

/** What only other objects can tell of a VPN; the first thing that is wrong. */
export function checkVpn(
  blueprint: Pick<VpnBlueprint, 'vpn' | 'subnets' | 'claims' | 'secretTaken'>,
): VpnProblem | undefined {
  const { secretTaken } = blueprint;
  if (secretTaken !== undefined) return secretProblem(secretTaken, 'VPN');
  const pool = rangesOf(blueprint.vpn.spec.pool);
  const subnet = findOverlap(pool, rangesOf(blueprint.subnets));
  if (subnet) {
    return {
      reason: 'PoolOverlapsSubnet',
      field: 'spec.pool',
      message: `${formatCidr(subnet.ours)} overlaps subnet ${formatCidr(subnet.theirs)} of network ${blueprint.vpn.spec.network}; choose a range outside its subnets`,
    };
  }
  const claimed = findClaim(pool, blueprint.claims);
  if (!claimed) return undefined;
  return {
    reason: 'PoolOverlapsPrefix',
    field: 'spec.pool',
    message: `${formatCidr(claimed.ours)} overlaps ${formatCidr(claimed.theirs)} of ${claimed.holder}; choose another range`,
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
  const claimed = findClaim(rangesOf(allowedIPs), claims);
  if (!claimed) return undefined;
  return {
    reason: 'AllowedIPsOverlap',
    field: 'spec.allowedIPs',
    message: `${formatCidr(claimed.ours)} overlaps ${formatCidr(claimed.theirs)} of ${claimed.holder}`,
  };
}

interface Overlap {
  readonly ours: Cidr;
  readonly theirs: Cidr;
}

function findClaim(
  ours: readonly Cidr[],
  claims: readonly PrefixClaim[],
): (Overlap & { readonly holder: string }) | undefined {
  for (const { holder, cidrs } of claims) {
    const overlap = findOverlap(ours, rangesOf(cidrs));
    if (overlap) return { ...overlap, holder };
  }
  return undefined;
}

function findOverlap(ours: readonly Cidr[], theirs: readonly Cidr[]): Overlap | undefined {
  for (const a of ours) {
    const b = theirs.find((each) => overlaps(a, each));
    if (b) return { ours: a, theirs: b };
  }
  return undefined;
}
