// SPDX-License-Identifier: Apache-2.0
import { findCondition, isTrue, nameSome } from '../../../api/conditions.ts';
import { annotations, labels, type Port } from '../../../api/index.ts';
import { keyOfRef } from '../../../api/key.ts';
import type { Remark } from '../../../api/reasons.ts';
import { withdrawalOf } from '../../../api/withdrawn.ts';
import { draftAttachments } from './attachment.ts';
import { draftChainPort } from './chain-port.ts';
import { acceptNotes, offeredRemark, rerouteGuest } from './routes.ts';
import type { PodInput, PodPlan, PortPlan } from './types.ts';
import { weightNotes } from './weight.ts';

/**
 * Plans the writes for one pod, from its annotation and its Ports. It is all or nothing: a pod that cannot get one of
 * its interfaces does not start, so it must not hold addresses for the others.
 *
 * A Port stays as it is while its pod lives, even when the annotation changes: the interface is in the pod already,
 * and a move would break connections.
 */
export function compilePod(input: PodInput): PodPlan {
  const { pod, ports } = input;
  if (isOver(pod)) return { ...NOTHING, remove: ports.filter(isReleased) };
  const resize = ports.flatMap((port) => resizeOf(input, port));
  const routes = routesOf(input);
  if (pod.spec.hostNetwork) return { ...NOTHING, resize, remarks: hostNetworkRemarks(input) };
  if (input.instanceOf.kind === 'Forged') return refuseForged(input, input.instanceOf.label);
  if (input.instanceOf.kind === 'Pending') return { ...NOTHING, resize, ...routes };
  const draft = draftAttachments(input);
  const remarks = [...draft.remarks];
  const chain = draftChainPort(input, remarks);
  // The node in a Port is immutable, so Ports are created only after the pod is bound to a node.
  const ready = remarks.length === 0 && draft.complete && canStart(input);
  return {
    create: ready ? withInterfaces([...draft.plans, ...chain], ports) : [],
    resize,
    ...routes,
    news: [...routes.news, ...othersNews(input)],
    remove: ports.filter((port) => hasOwnAddress(pod, port)),
    remarks: [
      ...remarks,
      ...draft.notes,
      ...inUseNotes(ports),
      ...weightNotes(input),
      ...acceptNotes(pod, ports),
    ],
    waitsFor: draft.complete && remarks.length === 0 ? [] : networksOf(input),
  };
}

/**
 * Each new Port lists all interfaces of the pod. The agent learns from it what the pod must have: the runtime only knows the
 * annotation that the pod had when its sandbox was made.
 */
function withInterfaces(plans: readonly PortPlan[], ports: readonly Port[]): PortPlan[] {
  const all = [...ports, ...plans.map(({ port }) => port)].map(({ spec }) => spec.interface);
  const list = [...new Set(all)].join(',');
  return plans.map(({ port, claim }) => ({
    port: {
      ...port,
      metadata: {
        ...port.metadata,
        annotations: { ...port.metadata.annotations, [annotations.interfaces]: list },
      },
    },
    claim,
  }));
}

const NOTHING: PodPlan = {
  create: [],
  resize: [],
  reroute: [],
  news: [],
  remove: [],
  remarks: [],
  waitsFor: [],
};

/** A release before this one may have made Ports of an instance for such a pod: they go. */
function refuseForged({ pod, ports }: PodInput, label: string): PodPlan {
  const message = `no Deployment of Heddle made this pod, so it is no instance of ${label} of namespace ${pod.metadata.namespace}; remove the labels ${labels.function} and ${labels.gateway} and the annotation ${annotations.chainInterface}`;
  const remove = ports.filter(
    ({ metadata, spec }) => spec.function !== undefined || metadata.labels?.[labels.gateway] !== undefined,
  );
  return { ...NOTHING, remove, remarks: [{ type: 'Warning', reason: 'NotAnInstance', message }] };
}

/**
 * Whether a network gave the pod an address that the pod has already from its own network, which may happen where the network
 * hides the cluster's pods. The agent refuses to attach it, and the pod gets another one. An interface that is there stays.
 */
function hasOwnAddress({ status }: PodInput['pod'], port: Port): boolean {
  const clashes = port.spec.addresses?.some((address) => status.podIPs.includes(address)) ?? false;
  return clashes && !isTrue(port.status?.conditions, 'Ready');
}

function isOver(pod: PodInput['pod']): boolean {
  return pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
}

function canStart({ pod, nodeExists }: PodInput): boolean {
  return pod.spec.nodeName !== undefined && nodeExists && pod.metadata.deletionTimestamp === undefined;
}

/**
 * True when the node has no state of the Port: it was never attached, or the agent has confirmed that it is detached.
 */
function isReleased(port: Port): boolean {
  const conditions = port.status?.conditions;
  // A Port that was withdrawn may still be attached.
  const wasNever = !isTrue(conditions, 'Accepted') && withdrawalOf(port) === undefined;
  return wasNever || findCondition(conditions, 'Ready')?.reason === 'Detached';
}

function hostNetworkRemarks({ pod, wish, instanceOf }: PodInput): Remark<'Pod'>[] {
  if (asksNothing(wish) && instanceOf.kind === 'None') return [];
  const effect = pod.status.phase === 'Pending' ? 'the pod does not start' : 'the pod gets no interface';
  const message = `${effect}: it asks for networks and uses the network of its node; remove hostNetwork or the annotation k8s.v1.cni.cncf.io/networks`;
  return [{ type: 'Warning', reason: 'HostNetworkRefused', message }];
}

function asksNothing(wish: PodInput['wish']): boolean {
  return wish.kind === 'Nothing' || (wish.kind === 'Join' && wish.wanted.length === 0);
}

/**
 * What a pod is told once, while it starts or when its wait ends, of the networks that Heddle leaves to other CNIs. An
 * operator that starts does not tell all running pods again.
 */
function othersNews({ pod, wish, waited }: PodInput): Remark<'Pod'>[] {
  if (wish.kind !== 'Join' || wish.others.length === 0) return [];
  if (pod.status.phase !== 'Pending' && !waited) return [];
  const list = nameSome(wish.others.map(({ network }) => keyOfRef(network)));
  const message = `Heddle leaves these to other CNIs, since a NetworkAttachmentDefinition has the name and no VirtualNetwork has it: ${list}`;
  return [{ type: 'Normal', reason: 'NetworkLeftToOthers', message }];
}

function resizeOf(input: PodInput, port: Port): { port: Port; mtu: number }[] {
  const { network } = port.spec;
  const mtu = network === undefined ? input.mtu : input.network(network)?.mtu;
  return mtu === undefined || mtu === port.spec.mtu ? [] : [{ port, mtu }];
}

function routesOf(input: PodInput): Pick<PodPlan, 'reroute' | 'news'> {
  const onNetworks = input.ports.flatMap((port) =>
    port.spec.network ? [{ port, network: input.network(port.spec.network) }] : [],
  );
  return {
    reroute: onNetworks.flatMap(({ port, network }) => rerouteGuest(input.pod, port, network) ?? []),
    news: onNetworks.flatMap(({ port, network }) => offeredRemark(port, network) ?? []),
  };
}

function inUseNotes(ports: readonly Port[]): Remark<'Pod'>[] {
  const blocked = ports.filter(
    ({ status }) => findCondition(status?.conditions, 'Ready')?.reason === 'InterfaceInUse',
  );
  return blocked.map(({ spec: { interface: name, network } }) => {
    const about = network ? ` on network ${network.namespace}/${network.name}` : '';
    const message = `the pod has an interface ${name} already, which Heddle has not made, so it does not get ${name}${about}; create it again with another name in the annotation`;
    return { type: 'Warning', reason: 'InterfaceInUse', message };
  });
}

function networksOf({ wish }: PodInput): string[] {
  if (wish.kind === 'Nothing') return [];
  const named = wish.kind === 'Join' ? wish.wanted.map(({ network }) => network) : wish.named;
  return [...new Set(named.map(keyOfRef))];
}
