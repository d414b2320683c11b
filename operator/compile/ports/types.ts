// SPDX-License-Identifier: Apache-2.0
import type { NamespacedName, Port } from '../../../api/index.ts';
import type { Address, Family } from '../../../api/net/address.ts';
import type { Mac } from '../../../api/net/mac.ts';
import type { Remark } from '../../../api/reasons.ts';
import type { Pod } from '../../observe/stores.ts';
import type { Claim } from '../addresses/ledger.ts';
import type { Occupancy } from '../addresses/occupancy.ts';
import type { Pool } from '../addresses/pool.ts';

/** One network that a pod asks to join, as its annotation says. */
export interface Wanted {
  /** How messages name it: `element 2 of k8s.v1.cni.cncf.io/networks`. */
  readonly element: string;
  readonly network: NamespacedName;
  readonly interface: string;
  /** Addresses that it wants; of a family that is not among them it gets any. */
  readonly ips: readonly Address[];
  readonly mac: Mac | undefined;
}

/** What a pod asks for. */
export type Wish =
  | { readonly kind: 'Nothing' }
  | { readonly kind: 'Invalid'; readonly message: string }
  | { readonly kind: 'Join'; readonly wanted: readonly Wanted[] };

/** A network as far as joining goes. */
export interface NetworkView {
  readonly namespace: string;
  readonly name: string;
  /** Undefined until it is allocated. */
  readonly vni: number | undefined;
  readonly mtu: number | undefined;
  readonly pools: readonly Pool[];
  readonly deleting: boolean;
  /** Why nobody can join, when the network is not accepted. */
  readonly refused: string | undefined;
  readonly admits: (namespace: string) => boolean;
}

/** What is taken already. */
export interface Taken {
  holdersOf(vni: number, thing: Address | string): readonly string[];
  taken(vni: number, family: Family): Pick<Occupancy, 'firstFree'>;
  recent(vni: number, family: Family): bigint | undefined;
  freeInstance(): number | undefined;
}

/** The function that a pod is an instance of. */
export type InstanceOf =
  | { readonly kind: 'None' }
  | { readonly kind: 'Function'; readonly function: NonNullable<Port['spec']['function']> }
  | { readonly kind: 'Unknown'; readonly label: string };

export interface PodInput {
  readonly pod: Pod;
  readonly wish: Wish;
  readonly instanceOf: InstanceOf;
  /** Whether the node that the pod is bound to exists. */
  readonly nodeExists: boolean;
  /** Of this pod, by UID. */
  readonly ports: readonly Port[];
  readonly network: (ref: NamespacedName) => NetworkView | undefined;
  readonly taken: Taken;
  /** For interfaces that belong to no network: what every node carries. */
  readonly mtu: number | undefined;
}

/** A Port to be made, and what it claims. */
export interface PortPlan {
  readonly port: Port;
  readonly claim: Claim;
}

/** What is to be done for a pod. */
export interface PodPlan {
  readonly create: readonly PortPlan[];
  /** Ports whose MTU is not that of their network any more. */
  readonly resize: readonly { readonly port: Port; readonly mtu: number }[];
  /** Ports of a pod that ended, which no node holds any more. */
  readonly remove: readonly Port[];
  readonly remarks: readonly Remark<'Pod'>[];
  /** `namespace/name` of the networks whose change may let the pod go on. */
  readonly waitsFor: readonly string[];
}
