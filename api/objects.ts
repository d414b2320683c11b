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

/** An owner of an object; the garbage collector deletes the object after it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** Metadata as JSON has it: times are strings. All kinds of Heddle are namespaced. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
}

interface HeddleObject<Kind extends string> {
  readonly apiVersion: typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
}

/** What operator and agents exchange; of the group that it was in before, while a cluster is upgraded (`former.ts`). */
interface InternalObject<Kind extends string> {
  readonly apiVersion: typeof internalApiVersion | typeof apiVersion;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
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

/** A function that chains may name, of whatever kind. */
export type FunctionObject = Firewall | LoadBalancer | CustomFunction;
export type FunctionKind = FunctionObject['kind'];
/** A kind whose objects run pods with a program of ours: functions, and VPNs, whose gateways are ends of a network and no hop of a chain. */
export type WorkloadKind = FunctionKind | 'VPN';
