// SPDX-License-Identifier: Apache-2.0
import type {
  ChainSliceSpec,
  CustomFunctionSpec,
  CustomFunctionStatus,
  FirewallSpec,
  FirewallStatus,
  LoadBalancerSpec,
  LoadBalancerStatus,
  NodeReportStatus,
  PortSpec,
  PortStatus,
  ServiceChainSpec,
  ServiceChainStatus,
  VirtualNetworkSpec,
  VirtualNetworkStatus,
} from './generated/types.ts';
import type { apiVersion, internalApiVersion } from './group.ts';
import type { NamespacedMeta } from './object-meta.ts';

/** The common fields of all kinds of Heddle; all are namespaced. */
export interface HeddleObject<Kind extends string> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: NamespacedMeta;
}

/** A kind that operator and agents exchange. During an upgrade it may be of the former group (`former.ts`). */
interface InternalObject<Kind extends string> {
  readonly apiVersion: typeof internalApiVersion | typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: NamespacedMeta;
}

export interface VirtualNetwork extends HeddleObject<'VirtualNetwork'> {
  readonly spec: VirtualNetworkSpec;
  readonly status?: VirtualNetworkStatus | undefined;
}

export interface Port extends HeddleObject<'Port'> {
  readonly spec: PortSpec;
  readonly status?: PortStatus | undefined;
}

export interface ServiceChain extends HeddleObject<'ServiceChain'> {
  readonly spec: ServiceChainSpec;
  readonly status?: ServiceChainStatus | undefined;
}

export interface ChainSlice extends InternalObject<'ChainSlice'> {
  readonly spec: ChainSliceSpec;
}

export interface Firewall extends HeddleObject<'Firewall'> {
  readonly spec: FirewallSpec;
  readonly status?: FirewallStatus | undefined;
}

export interface LoadBalancer extends HeddleObject<'LoadBalancer'> {
  readonly spec: LoadBalancerSpec;
  readonly status?: LoadBalancerStatus | undefined;
}

export interface CustomFunction extends HeddleObject<'CustomFunction'> {
  readonly spec: CustomFunctionSpec;
  readonly status?: CustomFunctionStatus | undefined;
}

export interface NodeReport extends InternalObject<'NodeReport'> {
  readonly status?: NodeReportStatus | undefined;
}

/** An object of any kind of function. */
export type FunctionObject = Firewall | LoadBalancer | CustomFunction;
export type FunctionKind = FunctionObject['kind'];
/**
 * A kind whose objects run pods with our programs: functions, and VPNs, whose gateways are ends of a network and not
 * hops of a chain.
 */
export type WorkloadKind = FunctionKind | 'VPN';
