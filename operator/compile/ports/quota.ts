// SPDX-License-Identifier: Apache-2.0
import type { GuestQuota, Port } from '../../../api/index.ts';
import { type Address, FAMILIES, type Family, tryParseAddress } from '../../../api/net/address.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { Limits } from '../limits.ts';
import { subject } from './choose.ts';
import type { NetworkView, PortPlan, Taken, Wanted } from './types.ts';

export interface QuotaInput {
  readonly wanted: Wanted;
  readonly network: NetworkView & { readonly vni: number };
  readonly namespace: string;
  /** Ports that the pod has, and those that are planned for it now. */
  readonly ports: readonly Port[];
  readonly plans: readonly PortPlan[];
  /** Addresses that are to be added. */
  readonly addresses: readonly Address[];
  readonly taken: Pick<Taken, 'share' | 'portsOf'>;
  readonly limits: Limits;
}

/** Why a pod gets no more addresses of a network. Undefined when it may have them. */
export function judgeQuota(input: QuotaInput): Remark<'Pod'> | undefined {
  const { namespace, plans, taken, limits } = input;
  const ports = taken.portsOf(namespace) + plans.length;
  if (ports + 1 > limits.portsPerNamespace) {
    const text = `namespace ${namespace} has ${ports} interfaces on networks, and may have ${limits.portsPerNamespace} (the chart's limits.portsPerNamespace)`;
    return exceeded(input, `${text}; remove other pods of the namespace, or have the limit raised`);
  }
  for (const family of FAMILIES) {
    const more = input.addresses.filter((address) => address.family === family).length;
    const refusal = more > 0 ? judgeFamily(input, family, more) : undefined;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function judgeFamily(input: QuotaInput, family: Family, more: number): Remark<'Pod'> | undefined {
  const { network, namespace, taken, limits } = input;
  const quota: GuestQuota = namespace === network.namespace ? {} : (network.quota ?? {});
  const ofPod = countOfPod(input, family) + more;
  const perPod = Math.min(limits.addressesPerPod, quota.addressesPerPod ?? Number.POSITIVE_INFINITY);
  if (ofPod > perPod) {
    const from =
      perPod === quota.addressesPerPod
        ? 'spec.attach.quota of the network'
        : "the chart's limits.addressesPerPod";
    return exceeded(
      input,
      `the pod would have ${ofPod} IPv${family} addresses there, and may have ${perPod} (${from}); ask for fewer`,
    );
  }
  const most = quota.addressesPerNamespace;
  const ofNamespace = taken.share(network.vni, namespace, family) + countPlanned(input, family) + more;
  if (most === undefined || ofNamespace <= most) return undefined;
  const text = `namespace ${namespace} would have ${ofNamespace} IPv${family} addresses there, and may have ${most} (spec.attach.quota of the network)`;
  return exceeded(input, `${text}; remove other pods of the namespace`);
}

function countOfPod(input: QuotaInput, family: Family): number {
  const { network, ports } = input;
  const held = ports
    .filter(({ spec }) => spec.vni === network.vni)
    .flatMap(({ spec }) => spec.addresses ?? []);
  return held.filter((text) => tryParseAddress(text)?.family === family).length + countPlanned(input, family);
}

function countPlanned({ plans, network }: QuotaInput, family: Family): number {
  const planned = plans
    .filter(({ claim }) => claim.vni === network.vni)
    .flatMap(({ claim }) => claim.addresses);
  return planned.filter((address) => address.family === family).length;
}

function exceeded({ wanted }: QuotaInput, text: string): Remark<'Pod'> {
  return { type: 'Warning', reason: 'QuotaExceeded', message: `${subject(wanted)}: ${text}` };
}
