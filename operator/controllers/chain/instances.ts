// SPDX-License-Identifier: Apache-2.0
import { annotations, DEFAULT_WEIGHT, parseWeight } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { drainingAddressesOf } from '../../../api/load-balancer-check.ts';
import { functionValue } from '../../../kube/index-values.ts';
import type { FunctionFacts, HopFacts } from '../../compile/chain/hops.ts';
import type { InstanceFacts } from '../../compile/chain/standing.ts';
import type { FunctionRef } from '../../compile/chain/types.ts';
import { type FunctionObject, functionKinds, kindOf, needsOf } from '../../compile/function/kinds.ts';
import type { Pod, Stores } from '../../observe/stores.ts';
import { type FunctionStores, functionsOf } from '../function/stores.ts';
import { isAccepted, isReady } from './members.ts';

type Seen = FunctionStores & Pick<Stores, 'ports' | 'pods' | 'nodeReports'>;

/** Observes a function that a chain of `namespace` names, and its instances. */
export function observeHop(stores: Seen, namespace: string, ref: FunctionRef): HopFacts {
  return {
    ref,
    found: observeFunction(stores, namespace, ref),
    instances: observeInstances(stores, namespace, ref),
  };
}

/** The facts in a function's spec; undefined when the function does not exist or is being deleted. */
function observeFunction(stores: Seen, namespace: string, ref: FunctionRef): FunctionFacts | undefined {
  const object = functionsOf(stores, ref.kind).get(joinKey(namespace, ref.name));
  if (!object || object.metadata.deletionTimestamp) return undefined;
  return {
    desired: needsOf(object).replicas,
    judgesBeginnings: kindOf(object).judgesBeginnings(object.spec),
    translates: translationOf(object),
    drainsAddresses: drains(object),
    backends: backendsOf(object),
    network: needsOf(object).backends?.network,
  };
}

/**
 * The listeners by which nodes can translate. Undefined for a spec with faults: its instances keep an earlier spec,
 * which the operator does not know. Undefined also while former addresses drain: a packet of a backend does not show to
 * which address of a family its flow was sent.
 */
export function translationOf(object: FunctionObject): FunctionFacts['translates'] {
  if (drains(object)) return undefined;
  const kind = kindOf(object);
  return kind.check(object.spec).length === 0 ? kind.translates?.(object.spec) : undefined;
}

function drains(object: FunctionObject): boolean {
  return object.kind === 'LoadBalancer' && drainingAddressesOf(object).length > 0;
}

/** The backends of a load balancer; undefined for other kinds, and for a spec with faults, as in `translationOf`. */
export function backendsOf(object: FunctionObject): FunctionFacts['backends'] {
  const { backends } = needsOf(object);
  if (!backends || kindOf(object).check(object.spec).length > 0) return undefined;
  return { selected: backends.selected, addresses: backends.addresses };
}

function observeInstances(stores: Seen, namespace: string, ref: FunctionRef): InstanceFacts[] {
  return stores.ports.byIndex('function', functionValue(namespace, ref)).flatMap((port) => {
    const pod = stores.pods.get(joinKey(namespace, port.spec.pod.name));
    const { instance: id, node } = port.spec;
    if (id === undefined || pod?.metadata.uid !== port.spec.pod.uid || hasEnded(pod)) return [];
    return [
      {
        id,
        pod: pod.metadata.name,
        node,
        weight: weightOf(pod),
        portAccepted: isAccepted(port),
        portReady: isReady(port),
        podReady: pod.status.ready,
        worksUnready: functionKinds[ref.kind].worksUnready,
        leaving: Boolean(pod.metadata.deletionTimestamp ?? port.metadata.deletionTimestamp),
        reportedDown: isReportedDown(stores, node, id),
      },
    ];
  });
}

// An unreadable weight counts as the default; the pod controller records an Event for it.
export function weightOf({ metadata }: Pod): number {
  const parsed = parseWeight(metadata.annotations[annotations.weight]);
  return parsed.ok ? parsed.value : DEFAULT_WEIGHT;
}

function hasEnded({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function isReportedDown(stores: Pick<Seen, 'nodeReports'>, node: string, id: number): boolean {
  return stores.nodeReports.byIndex('node', node).some(({ status }) => status?.down?.includes(id));
}
