// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { Port } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { tryParseAddress } from '../../../api/net/address.ts';
import { contains } from '../../../api/net/range.ts';
import type { Verdict } from '../../../api/reasons.ts';
import type { Pool } from '../../compile/addresses/pool.ts';
import type { MtuVerdict } from '../../compile/network/mtu.ts';
import type { PoolsResult } from '../../compile/network/pools.ts';
import type { VniVerdict } from '../../compile/vni/vni.ts';

/** The results of compiling a network. */
export interface NetworkFindings {
  readonly pools: PoolsResult;
  readonly vni: VniVerdict;
  readonly mtu: MtuVerdict;
  /** The MTU is smaller than before, because of a node: the message of the Event. */
  readonly mtuFalls: string | undefined;
  /** Ports with an address that is no longer in a subnet. */
  readonly stranded: readonly Port[];
}

type Accepted = Extract<Verdict<'VirtualNetwork'>, { type: 'Accepted' }>;
type Check = (findings: NetworkFindings) => Accepted | undefined;

/** The condition Accepted of a network: the first failing check decides. */
export function judgeAccepted(findings: NetworkFindings): Accepted {
  for (const check of CHECKS) {
    const failure = check(findings);
    if (failure !== undefined) return failure;
  }
  const exceeds = findings.mtu.kind === 'Mtu' ? findings.mtu.exceeds : undefined;
  if (exceeds !== undefined) {
    const message = `the network is valid; ${exceeds}: large packets to and from that node are lost`;
    return { type: 'Accepted', status: 'True', reason: 'UnderlayTooSmall', message };
  }
  return { type: 'Accepted', status: 'True', reason: 'Valid', message: 'the network is valid' };
}

const CHECKS: readonly Check[] = [checkSubnets, checkVni, checkMtu, checkStranded];

function checkSubnets({ pools }: NetworkFindings): Accepted | undefined {
  if (pools.kind === 'Pools') return undefined;
  return { type: 'Accepted', status: 'False', reason: 'InvalidSpec', message: pools.message };
}

function checkVni({ vni }: NetworkFindings): Accepted | undefined {
  switch (vni.kind) {
    case 'Keep':
    case 'Take':
      return undefined;
    case 'Conflict':
      return { type: 'Accepted', status: 'False', reason: 'VniConflict', message: vni.message };
    case 'Exhausted':
      return {
        type: 'Accepted',
        status: 'False',
        reason: 'VnisExhausted',
        message: 'no VNI of 1..16777215 is free; remove networks that are not needed',
      };
  }
}

function checkMtu({ mtu }: NetworkFindings): Accepted | undefined {
  if (mtu.kind === 'Mtu') return undefined;
  return { type: 'Accepted', status: 'False', reason: 'MtuTooLarge', message: mtu.message };
}

function checkStranded({ stranded }: NetworkFindings): Accepted | undefined {
  if (stranded.length === 0) return undefined;
  const pods = stranded.map(({ metadata, spec }) => joinKey(metadata.namespace, spec.pod.name)).sort();
  const message =
    `spec.subnets: pods ${nameSome(pods)} have addresses that are in no subnet any more and keep them; ` +
    'put the subnet back, or remove these pods';
  return { type: 'Accepted', status: 'False', reason: 'SubnetInUse', message };
}

/** Ports that hold an address outside all pools. */
export function findStranded(ports: readonly Port[], pools: readonly Pool[]): Port[] {
  return ports.filter((port) => (port.spec.addresses ?? []).some((text) => !isInside(text, pools)));
}

function isInside(text: string, pools: readonly Pool[]): boolean {
  const address = tryParseAddress(text);
  if (address === undefined) return true;
  return pools.some((pool) => pool.family === address.family && contains(pool.subnet, address.value));
}
