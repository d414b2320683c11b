// SPDX-License-Identifier: Apache-2.0
import { instanceMac } from '../../../api/context/context.ts';
import { annotations, chainInterface, frameInterfaces, labels } from '../../../api/index.ts';
import { formatMac } from '../../../api/net/mac.ts';
import type { Remark } from '../../../api/reasons.ts';
import { planPort } from './object.ts';
import type { PodInput, PortPlan } from './types.ts';

/**
 * The interface that names the Port of an instance. With two interfaces one Port, named after the left one, stands
 * for both.
 */
function interfaceOf({ metadata }: PodInput['pod']): string {
  const asked = metadata.annotations[annotations.chainInterface];
  return asked === frameInterfaces.join(',') ? frameInterfaces[0] : chainInterface;
}

/**
 * Plans the Port of a function's pod, for chain0 or for left and right. This Port belongs to no network, and claims
 * an instance id.
 */
export function draftChainPort(input: PodInput, remarks: Remark<'Pod'>[]): PortPlan[] {
  const { instanceOf, ports, taken, mtu, pod } = input;
  if (instanceOf.kind !== 'Function' && instanceOf.kind !== 'Unknown') return [];
  const name = interfaceOf(pod);
  if (ports.some((port) => port.spec.interface === name)) return [];
  if (instanceOf.kind === 'Unknown') {
    const message = `label ${labels.function}=${instanceOf.label} names no function of namespace ${pod.metadata.namespace}; remove the label or create the function`;
    remarks.push({ type: 'Warning', reason: 'FunctionNotFound', message });
    return [];
  }
  const instance = taken.freeInstance();
  if (instance === undefined) {
    const message = 'all 65535 instance ids are in use; reduce the replicas of functions';
    remarks.push({ type: 'Warning', reason: 'InstancesExhausted', message });
    return [];
  }
  const label = pod.metadata.labels[labels.function]!;
  const plan = planPort(pod, {
    interface: name,
    labels: { [labels.function]: label },
    spec: {
      function: instanceOf.function,
      instance,
      mac: formatMac(instanceMac(instance)),
      ...(mtu === undefined ? {} : { mtu }),
    },
  });
  return [plan];
}
