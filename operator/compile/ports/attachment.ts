// SPDX-License-Identifier: Apache-2.0
import { labels, type Port } from '../../../api/index.ts';
import { keyOfRef } from '../../../api/key.ts';
import { type Address, addressesOf, formatAddress } from '../../../api/net/address.ts';
import { formatMac } from '../../../api/net/mac.ts';
import type { Remark } from '../../../api/reasons.ts';
import { type ChooseInput, chooseAddresses, chooseMac, subject } from './choose.ts';
import type { Obstacle } from './holder.ts';
import { networkLabelOf } from './names.ts';
import { planPort } from './object.ts';
import { judgeQuota } from './quota.ts';
import { type RoutedPools, routedPools } from './routed.ts';
import { joinRoutes } from './routes.ts';
import type { NetworkView, PodInput, PortPlan, Wanted } from './types.ts';

/** The planned Ports of a pod, and what prevents or accompanies them. */
export interface Draft {
  readonly plans: PortPlan[];
  /** Remarks that prevent the pod from starting. */
  readonly remarks: Remark<'Pod'>[];
  /** Remarks for users that prevent nothing. */
  readonly notes: Remark<'Pod'>[];
  /**
   * False while one of the networks has no VNI yet, or no routes for guests. The pod then waits without an Event,
   * because the network gets them within moments.
   */
  complete: boolean;
}

/** Plans a Port for each network that the pod asks for and for which it has no Port yet. */
export function draftAttachments(input: PodInput): Draft {
  const draft: Draft = { plans: [], remarks: [], notes: [], complete: true };
  const { wish } = input;
  if (wish.kind === 'Invalid') {
    draft.remarks.push({ type: 'Warning', reason: 'InvalidAnnotation', message: wish.message });
  }
  if (wish.kind !== 'Join') return draft;
  for (const wanted of wish.wanted) draftAttachment({ input, wanted, draft });
  return draft;
}

function draftAttachment(options: { input: PodInput; wanted: Wanted; draft: Draft }): void {
  const { input, wanted, draft } = options;
  const held = input.ports.find((port) => port.spec.interface === wanted.interface);
  if (held !== undefined) {
    if (!isAsWanted(held, wanted)) draft.notes.push(keepsNote(held, wanted));
    return;
  }
  const network = input.network(wanted.network);
  const refusal = judgeJoin(input, wanted, network);
  if (refusal !== undefined) {
    draft.remarks.push(refusal);
    return;
  }
  const routes = network && joinRoutes(input.pod, network);
  if (network?.vni === undefined || routes === undefined) {
    draft.complete = false;
    return;
  }
  const split = routedPools(network.pools, routes.routes?.map((cidr) => ({ cidr })) ?? network.routes);
  // The routes of a subnet that was just added follow within moments.
  if (split.unrouted.length > 0 && network.behind) {
    draft.complete = false;
    return;
  }
  const plan = planAttachment({
    input,
    wanted,
    network: { ...network, ...split, vni: network.vni },
    routes,
    draft,
  });
  if (!('kind' in plan)) draft.plans.push(plan);
  else if (plan.kind === 'Refused') draft.remarks.push(plan.remark);
  else {
    draft.complete = false;
    if (plan.note) draft.notes.push(plan.note);
  }
}

function isAsWanted({ spec }: Port, { network, ips, mac }: Wanted): boolean {
  const sameNetwork = spec.network?.namespace === network.namespace && spec.network.name === network.name;
  const hasIps = ips.every((ip) => spec.addresses?.includes(formatAddress(ip)));
  return sameNetwork && hasIps && (mac === undefined || spec.mac === formatMac(mac));
}

function keepsNote({ spec }: Port, wanted: Wanted): Remark<'Pod'> {
  const has = `network ${spec.network?.namespace}/${spec.network?.name} with ${spec.addresses?.join(', ')}`;
  const message = `${wanted.element}: interface ${spec.interface} stays on ${has} while the pod lives; create the pod again to change that`;
  return { type: 'Warning', reason: 'InterfaceKept', message };
}

function judgeJoin(
  { pod }: PodInput,
  wanted: Wanted,
  network: NetworkView | undefined,
): Remark<'Pod'> | undefined {
  const about = subject(wanted);
  const warn = (
    reason: 'NetworkNotFound' | 'NamespaceNotAllowed' | 'NetworkDeleting' | 'NetworkNotAccepted',
    text: string,
  ): Remark<'Pod'> => ({ type: 'Warning', reason, message: `${about} ${text}` });
  if (network === undefined) {
    return warn(
      'NetworkNotFound',
      'does not exist; create it or correct the name, then this pod starts by itself',
    );
  }
  if (!network.admits(pod.metadata.namespace)) {
    const text = `does not let pods of namespace ${pod.metadata.namespace} join; allow it in spec.attach of the network`;
    return warn('NamespaceNotAllowed', text);
  }
  if (network.deleting) return warn('NetworkDeleting', 'is being deleted; use another network');
  if (network.refused !== undefined) return warn('NetworkNotAccepted', `is not accepted: ${network.refused}`);
  return undefined;
}

function planAttachment(options: {
  input: PodInput;
  wanted: Wanted;
  network: NetworkView & RoutedPools & { readonly vni: number };
  routes: Pick<Port['spec'], 'joinedRoutes' | 'routes'>;
  draft: Draft;
}): PortPlan | Obstacle {
  const { input, wanted, network, routes, draft } = options;
  const choosing: ChooseInput = {
    wanted,
    network,
    podUid: input.pod.metadata.uid,
    taken: input.taken,
    holder: input.holder,
    mine: chosenIn(draft.plans, network.vni),
    elsewhere: elsewhereOf(input, { wanted, vni: network.vni, plans: draft.plans }),
  };
  const addresses = chooseAddresses(choosing);
  if (addresses.kind !== 'Chosen') return unlessVacating(input, wanted, addresses);
  const { taken, limits, ports } = input;
  const { namespace } = input.pod.metadata;
  const quota = { wanted, network, namespace, ports, plans: draft.plans, taken, limits };
  const exceeded = judgeQuota({ ...quota, addresses: addresses.value });
  if (exceeded !== undefined) return unlessVacating(input, wanted, { kind: 'Refused', remark: exceeded });
  const asked = wanted.mac === undefined ? undefined : formatMac(wanted.mac);
  const mac = chooseMac({ ...choosing, asked });
  if (mac.kind !== 'Chosen') return mac;
  return planPort(input.pod, {
    interface: wanted.interface,
    labels: { [labels.network]: networkLabelOf(wanted.network), ...gatewayLabel(input) },
    spec: {
      network: wanted.network,
      vni: network.vni,
      addresses: addresses.value.map(formatAddress),
      mac: mac.value,
      ...(network.mtu === undefined ? {} : { mtu: network.mtu }),
      ...routes,
    },
  });
}

/** A pod that is created again may find its predecessor's Port: what it lacks comes when that is deleted. */
function unlessVacating(input: PodInput, { network }: Wanted, obstacle: Obstacle): Obstacle {
  if (obstacle.kind !== 'Refused') return obstacle;
  const { reason } = obstacle.remark;
  const comesWithRoom = reason === 'SubnetExhausted' || reason === 'QuotaExceeded';
  return comesWithRoom && input.isVacating(network) ? { kind: 'Waits' } : obstacle;
}

function gatewayLabel({ instanceOf }: PodInput): Readonly<Record<string, string>> {
  return instanceOf.kind === 'Gateway' ? { [labels.gateway]: 'true' } : {};
}

function chosenIn(plans: readonly PortPlan[], vni: number): { addresses: Address[]; macs: string[] } {
  const same = plans.filter(({ claim }) => claim.vni === vni);
  return {
    addresses: same.flatMap(({ claim }) => [...claim.addresses]),
    macs: same.flatMap(({ claim }) => (claim.mac === undefined ? [] : [claim.mac])),
  };
}

/** Addresses of the pod on other networks, its own among them. Those that were just chosen count as held. */
function elsewhereOf(
  { pod, ports, wish }: PodInput,
  options: { readonly wanted: Wanted; readonly vni: number; readonly plans: readonly PortPlan[] },
): ChooseInput['elsewhere'] {
  const { wanted, vni, plans } = options;
  const others = [...ports, ...plans.map(({ port }) => port)].filter(({ spec }) => spec.vni !== vni);
  const key = keyOfRef(wanted.network);
  const wishes = wish.kind === 'Join' ? wish.wanted.filter(({ network }) => keyOfRef(network) !== key) : [];
  return {
    held: [...addressesOf(pod.status.podIPs), ...others.flatMap(({ spec }) => addressesOf(spec.addresses))],
    asked: wishes.flatMap(({ ips }) => ips),
  };
}
