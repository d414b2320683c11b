// SPDX-License-Identifier: Apache-2.0
import type { GuestQuota, NamespacedName, NetworkRoute, Port } from '../../../api/index.ts';
import type { Address, Family } from '../../../api/net/address.ts';
import type { Mac } from '../../../api/net/mac.ts';
import type { RequestedAddress } from '../../../api/network-element.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { Pod } from '../../observe/stores.ts';
import type { Claim } from '../addresses/ledger.ts';
import type { Occupancy } from '../addresses/occupancy.ts';
import type { Pool } from '../addresses/pool.ts';
import type { Limits } from '../limits.ts';
import type { Holder } from './holder.ts';

/** One network that a pod asks to join by its annotation. */
export interface Wanted {
  /** How messages name the element: `element 2 of k8s.v1.cni.cncf.io/networks`. */
  readonly element: string;
  readonly network: NamespacedName;
  readonly interface: string;
  /** Requested addresses. For a family without one, the pod gets any free address. */
  readonly ips: readonly RequestedAddress[];
  readonly mac: Mac | undefined;
  /** Addresses that the pod had at this interface, by its annotation network-status: it gets them again if they are free. */
  readonly former: readonly Address[];
}

/** What a pod asks for. */
export type Wish =
  | { readonly kind: 'Nothing' }
  /** `named` are networks whose appearance may change that: as another CNI's. */
  | { readonly kind: 'Invalid'; readonly message: string; readonly named: readonly NamespacedName[] }
  /** `others`: the networks of other CNIs that it asks for in the same annotation. */
  | { readonly kind: 'Join'; readonly wanted: readonly Wanted[]; readonly others: readonly Others[] };

/** A network of another CNI that a pod asks for. */
export type Others = Pick<Wanted, 'element' | 'network'>;

/** The properties of a network that matter to pods that join it. */
export interface NetworkView {
  readonly namespace: string;
  readonly name: string;
  /** Undefined until it is allocated. */
  readonly vni: number | undefined;
  readonly mtu: number | undefined;
  readonly pools: readonly Pool[];
  /** The ranges that are routed into its pods. Undefined until they are judged. */
  readonly routes: readonly NetworkRoute[] | undefined;
  /** Whether the routes are of an earlier generation of the network, so that they may lack a subnet. */
  readonly behind: boolean;
  /** Limits of the pods of other namespaces. */
  readonly quota: GuestQuota | undefined;
  readonly deleting: boolean;
  /** Why no pod can join. Set when the network is not accepted. */
  readonly refused: string | undefined;
  readonly admits: (namespace: string) => boolean;
}

/** What is taken already. */
export interface Taken {
  holdersOf(vni: number, thing: Address | string): readonly string[];
  taken(vni: number, family: Family): Pick<Occupancy, 'firstFree'>;
  recent(vni: number, family: Family): bigint | undefined;
  freeInstance(): number | undefined;
  /** Addresses that the Ports of a namespace claim. */
  share(vni: number, namespace: string, family: Family): number;
  /** Ports on networks that a namespace has. */
  portsOf(namespace: string): number;
}

/**
 * What a pod is by its labels and by who made it. `Function` and `Gateway` are proved (../workload/lineage.ts).
 * `Pending`: the objects that prove it are not seen yet. `Forged`: the pod has the labels, and no Deployment of Heddle
 * made it. `Unknown`: its label names nothing.
 */
export type InstanceOf =
  | { readonly kind: 'None' }
  | { readonly kind: 'Function'; readonly function: NonNullable<Port['spec']['function']> }
  | { readonly kind: 'Gateway' }
  | { readonly kind: 'Pending' }
  | { readonly kind: 'Forged'; readonly label: string }
  | { readonly kind: 'Unknown'; readonly label: string };

export interface PodInput {
  readonly pod: Pod;
  readonly wish: Wish;
  readonly instanceOf: InstanceOf;
  /** Whether the pod waited for a network at the last pass. */
  readonly waited: boolean;
  /** Whether the node that the pod is bound to exists. */
  readonly nodeExists: boolean;
  /** Ports of this pod, matched by its UID. */
  readonly ports: readonly Port[];
  readonly network: (ref: NamespacedName) => NetworkView | undefined;
  readonly taken: Taken;
  /** Who holds what is taken, by a key of `holdersOf`. */
  readonly holder: (key: string) => Holder;
  /** Whether a pod that is deleted leaves room on a network within moments: its Port still exists. */
  readonly isVacating: (network: NamespacedName) => boolean;
  readonly limits: Limits;
  /** MTU for interfaces that belong to no network: the largest that every node can carry. */
  readonly mtu: number | undefined;
}

/** A Port to create, and its claim. */
export interface PortPlan {
  readonly port: Port;
  readonly claim: Claim;
}

/** New routes of the Port of a guest, and what its pod is told. */
export interface Rerouted {
  readonly port: Port;
  readonly spec: { readonly joinedRoutes?: readonly string[]; readonly routes: readonly string[] };
  readonly remark: Remark<'Pod'> | undefined;
}

/** The writes for one pod, and the networks that it waits for. */
export interface PodPlan {
  readonly create: readonly PortPlan[];
  /** Ports whose MTU differs from that of their network. */
  readonly resize: readonly { readonly port: Port; readonly mtu: number }[];
  /** Ports of a pod on a network of another namespace whose routes changed. */
  readonly reroute: readonly Rerouted[];
  /** What the pod is told once for each change. */
  readonly news: readonly Remark<'Pod'>[];
  /** Ports of a pod that ended, which are on no node any more; and Ports of an instance that the pod is not; and Ports
   * with an address that the pod has from its own network. */
  readonly remove: readonly Port[];
  readonly remarks: readonly Remark<'Pod'>[];
  /** `namespace/name` of the networks whose change may let the pod go on. */
  readonly waitsFor: readonly string[];
}
