// Generated from crds/ by `npm run generate`. Do not edit.
// SPDX-License-Identifier: Apache-2.0

/**
 * One range and what is left out of it.
 */
export interface ChainCidr {
  /**
   * The range.
   */
  readonly cidr: string;
  /**
   * Ranges inside of it that are left out.
   */
  readonly except?: readonly string[] | undefined;
}

/**
 * Who opens the flows; the union over all slices.
 */
export interface ChainEnd {
  /**
   * Everything on the network.
   */
  readonly any: boolean;
  /**
   * Address ranges.
   *
   * Items: One range and what is left out of it.
   */
  readonly cidrs?: readonly ChainCidr[] | undefined;
  /**
   * Single addresses.
   */
  readonly addresses?: readonly string[] | undefined;
}

/**
 * One end of flows: pods by label, or addresses.
 */
export interface ChainEndpoint {
  /**
   * Pods attached to the network, by label. Empty is all of them. Without namespaceSelector only pods of the chain's namespace.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods that podSelector means, by label. Empty is all of them.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * Name of a LoadBalancer on the network, in the namespace of the chain; its addresses. Only in to.
   */
  readonly loadBalancer?: string | undefined;
  /**
   * Name of a VPN on the network, in the namespace of the chain; the addresses of its peers, and the networks behind them.
   */
  readonly vpn?: string | undefined;
  /**
   * An address range, such as 10.0.0.0/8.
   */
  readonly cidr?: string | undefined;
  /**
   * Ranges inside of cidr that are left out.
   */
  readonly except?: readonly string[] | undefined;
}

/**
 * One function, in the namespace of the chain.
 */
export interface ChainFunction {
  /**
   * Kind of the function.
   */
  readonly kind: 'Firewall' | 'LoadBalancer' | 'CustomFunction';
  /**
   * Name of the function.
   */
  readonly name: string;
  /**
   * What becomes of flows while the function is missing or none of its instances forwards. Closed drops them, Open lets them pass without it.
   */
  readonly onFailure: 'Closed' | 'Open';
}

/**
 * State of one function of the chain.
 */
export interface ChainFunctionStatus {
  /**
   * Kind of the function.
   */
  readonly kind: string;
  /**
   * Name of the function.
   */
  readonly name: string;
  /**
   * Instances that take new flows and forward them.
   */
  readonly ready: number;
  /**
   * Instances that there should be.
   */
  readonly desired: number;
  /**
   * Healthy when as many instances take flows as there should be, Degraded when fewer do, Failed when none does. Then onFailure is in force.
   */
  readonly state: 'Healthy' | 'Degraded' | 'Failed';
  /**
   * Why it is not Healthy, in one word.
   */
  reason?:
    | 'FunctionNotFound'
    | 'NoReplicas'
    | 'NotForwarding'
    | 'NodeUnreachable'
    | 'Detached'
    | 'NoWeight'
    | 'NotReady'
    | 'Starting'
    | 'Draining'
    | 'PodsMissing'
    | 'CutOff';
  /**
   * Which pods or nodes it is about, and what to do.
   */
  readonly message?: string | undefined;
}

/**
 * One function and its instances.
 */
export interface ChainHop {
  /**
   * Kind of the function.
   */
  readonly kind: string;
  /**
   * Name of the function.
   */
  readonly name: string;
  /**
   * What becomes of flows while no instance takes them.
   */
  readonly onFailure: 'Closed' | 'Open';
  /**
   * Instances that were ready once, sorted by id.
   *
   * Items: One instance, and which flows it takes.
   */
  readonly instances: readonly ChainInstance[];
}

/**
 * One instance, and which flows it takes.
 */
export interface ChainInstance {
  /**
   * Number of the instance in the data path.
   */
  readonly id: number;
  /**
   * Node of the instance.
   */
  readonly node: string;
  /**
   * Its share of new flows beside the other instances of the hop. Absent is 100; with 0 it takes none and keeps those that it has.
   */
  readonly weight?: number | undefined;
  /**
   * Absent, it takes new flows. Draining keeps the flows that it has and takes no new ones. Down does not forward. Unready has no flows, whatever its node sees.
   */
  readonly state?: 'Draining' | 'Down' | 'Unready' | undefined;
}

/**
 * A port that clients ask for, and where it is served.
 */
export interface ChainListener {
  /**
   * TCP or UDP.
   */
  readonly protocol: 'TCP' | 'UDP';
  /**
   * Port that clients ask for.
   */
  readonly port: number;
  /**
   * Port of the backends.
   */
  readonly targetPort: number;
}

/**
 * A protocol, and with it a destination port or a range of them.
 */
export interface ChainPort {
  /**
   * TCP, UDP, SCTP, or ICMP (which is ICMPv6 too).
   */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  /**
   * Destination port, or the first of a range. Absent is all ports of the protocol.
   */
  readonly port?: number | undefined;
  /**
   * Last port of a range that begins with port.
   */
  readonly endPort?: number | undefined;
}

/**
 * The compiled chain, or a part of it.
 */
export interface ChainSliceSpec {
  /**
   * Name of the ServiceChain.
   */
  readonly chain: string;
  /**
   * The metadata.generation of the ServiceChain that was compiled.
   */
  readonly generation: number;
  /**
   * The VirtualNetwork.
   */
  readonly network: NamespacedName;
  /**
   * VXLAN network identifier of the network.
   */
  readonly vni: number;
  /**
   * Number of the path in the data path.
   */
  readonly pathId: number;
  /**
   * Of chains that match one flow the highest priority takes it.
   */
  readonly priority: number;
  /**
   * When the chain was made; of equal priorities the older wins.
   */
  readonly createdAt: string;
  /**
   * Number of this slice, from 0.
   */
  readonly slice: number;
  /**
   * How many slices the chain has.
   */
  readonly slices: number;
  /**
   * Protocols and ports, in slice 0. Absent is all.
   *
   * Items: A protocol, and with it a destination port or a range of them.
   */
  readonly ports?: readonly ChainPort[] | undefined;
  /**
   * Addresses of load balancers among to, in slice 0. No pod has them, and neighbours hear of them all the same.
   */
  readonly virtual?: readonly string[] | undefined;
  /**
   * Whether flows that came through all functions may go straight for a while; in slice 0.
   */
  readonly straight?: boolean | undefined;
  /**
   * Where the chain's one function is a load balancer that may be gone round, what it turns packets for virtual into; in slice 0.
   *
   * Items: A port that clients ask for, and where it is served.
   */
  readonly listeners?: readonly ChainListener[] | undefined;
  /**
   * The functions in order, in slice 0.
   *
   * Items: One function and its instances.
   */
  readonly hops?: readonly ChainHop[] | undefined;
  /**
   * Who opens the flows; the union over all slices.
   */
  readonly from: ChainEnd;
  /**
   * Whom the flows go to; the union over all slices.
   */
  readonly to: ChainEnd;
}

/**
 * One aspect of the state of an object.
 */
export interface Condition {
  /**
   * Which aspect this is about, such as Accepted or Ready.
   */
  readonly type: string;
  /**
   * True, False or Unknown.
   */
  readonly status: 'True' | 'False' | 'Unknown';
  /**
   * The metadata.generation that this condition speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * When the status last changed.
   */
  readonly lastTransitionTime: string;
  /**
   * One CamelCase word for programs; docs/reasons.md lists them all.
   */
  readonly reason: string;
  /**
   * What it means and what to do, for a person.
   */
  readonly message: string;
}

/**
 * A key of a ConfigMap of this namespace. Instances do not start before it is there.
 */
export interface ConfigMapKey {
  /**
   * Name of the object.
   */
  readonly name: string;
  /**
   * Key in the object.
   */
  readonly key: string;
}

/**
 * A ConfigMap of the firewall's namespace with addresses or address ranges, one a line; what follows # on a line is comment. Lists that are too long for a ConfigMap are compressed with gzip, in binaryData under a key that ends in .gz.
 */
export interface ConfigMapKeyRef {
  /**
   * Name of the ConfigMap.
   */
  readonly name: string;
  /**
   * Key in the ConfigMap. Absent is all of its keys.
   */
  readonly key?: string | undefined;
}

/**
 * A program in the container; 0 is yes.
 */
export interface CustomFunctionExecProbe {
  /**
   * The program and its arguments, without a shell.
   */
  readonly command: readonly string[];
}

/**
 * A request to the pod's own address; 200 to 399 is yes.
 */
export interface CustomFunctionHttpProbe {
  /**
   * The port.
   */
  readonly port: number;
  /**
   * The path.
   */
  readonly path: string;
  /**
   * HTTP, or HTTPS with any certificate.
   */
  readonly scheme: 'HTTP' | 'HTTPS';
}

/**
 * One port of the container.
 */
export interface CustomFunctionPort {
  /**
   * Name of the port, for Services and probes.
   */
  readonly name?: string | undefined;
  /**
   * The port.
   */
  readonly containerPort: number;
  /**
   * Its protocol.
   */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/**
 * When the container has its rules. Before that no flow goes to the instance, and from when it fails they go to others. Absent, it is taken to be so as soon as its process runs.
 */
export interface CustomFunctionProbe {
  /**
   * A program in the container; 0 is yes.
   */
  readonly exec?: CustomFunctionExecProbe | undefined;
  /**
   * A request to the pod's own address; 200 to 399 is yes.
   */
  readonly httpGet?: CustomFunctionHttpProbe | undefined;
  /**
   * A connection to the pod's own address; one that is made is yes.
   */
  readonly tcpSocket?: CustomFunctionTcpProbe | undefined;
  /**
   * How long after its start it is asked first.
   */
  readonly initialDelaySeconds: number;
  /**
   * How often it is asked.
   */
  readonly periodSeconds: number;
  /**
   * How long an answer may take.
   */
  readonly timeoutSeconds: number;
  /**
   * How many failures in a row make it not ready.
   */
  readonly failureThreshold: number;
}

/**
 * The image, what it needs, and how many instances of it there are.
 */
export interface CustomFunctionSpec {
  /**
   * Instances that there should be.
   */
  readonly replicas: number;
  /**
   * How long an instance that is to go keeps the flows that it has; it takes no new ones meanwhile, and goes as soon as the last one ended. 0 ends it at once.
   */
  readonly drainSeconds: number;
  /**
   * The image, as a container of a pod names it.
   */
  readonly image: string;
  /**
   * When the image is pulled. Absent is Kubernetes' own choice, which is Always for the tag latest and IfNotPresent for any other.
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /**
   * Secrets of this namespace with what the image's registry asks for.
   *
   * Items: A Secret of this namespace.
   */
  readonly imagePullSecrets?: readonly SecretRef[] | undefined;
  /**
   * What runs in place of the image's entry point.
   */
  readonly command?: readonly string[] | undefined;
  /**
   * The arguments, in place of the image's own.
   */
  readonly args?: readonly string[] | undefined;
  /**
   * Environment variables of the container. An edit of a Secret or ConfigMap reaches instances that start after it.
   *
   * Items: One environment variable, with a value or where it is from.
   */
  readonly env?: readonly CustomFunctionVariable[] | undefined;
  /**
   * Ports where the container serves on the pod's own address, for metrics or an API. Packets of chains never reach them.
   *
   * Items: One port of the container.
   */
  readonly ports?: readonly CustomFunctionPort[] | undefined;
  /**
   * How packets reach the function. One (the default) is chain0: packets come in and go out by it, forwarded by the kernel of the pod, with their context in the mark. Two is left and right, for one that passes on frames itself: what a chain's flow begins with comes in by left and must leave by right, replies the other way, with both MAC addresses as they were. It cannot be changed.
   */
  readonly interfaces: 'One' | 'Two';
  /**
   * Capabilities of the container besides NET_ADMIN, which it always has in its own network namespace. All others are dropped.
   */
  readonly capabilities?: (
    | 'NET_RAW'
    | 'NET_BIND_SERVICE'
    | 'BPF'
    | 'IPC_LOCK'
    | 'SYS_NICE'
    | 'SETUID'
    | 'SETGID'
    | 'SETPCAP'
    | 'CHOWN'
    | 'DAC_OVERRIDE'
    | 'FOWNER'
    | 'KILL'
  )[];
  /**
   * When the container has its rules. Before that no flow goes to the instance, and from when it fails they go to others. Absent, it is taken to be so as soon as its process runs.
   */
  readonly readinessProbe?: CustomFunctionProbe | undefined;
  /**
   * How the pods of the instances are made.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * What the function is and did, as the operator saw it last.
 */
export interface CustomFunctionStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Instances that there are.
   */
  readonly replicas?: number | undefined;
  /**
   * Instances that are ready.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Packets of chains, summed over the instances. What went in and did not come out was dropped, answered, or put together with others.
   */
  readonly in?: CustomFunctionTraffic | undefined;
  /**
   * Packets of chains, summed over the instances. What went in and did not come out was dropped, answered, or put together with others.
   */
  readonly out?: CustomFunctionTraffic | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * A connection to the pod's own address; one that is made is yes.
 */
export interface CustomFunctionTcpProbe {
  /**
   * The port.
   */
  readonly port: number;
}

/**
 * Packets of chains, summed over the instances. What went in and did not come out was dropped, answered, or put together with others.
 */
export interface CustomFunctionTraffic {
  /**
   * Packets.
   */
  readonly packets: number;
  /**
   * Bytes.
   */
  readonly bytes: number;
}

/**
 * One environment variable, with a value or where it is from.
 */
export interface CustomFunctionVariable {
  /**
   * Name of the variable.
   */
  readonly name: string;
  /**
   * Its value. Text of the form $(NAME) is the variable of that name that stands before it.
   */
  readonly value?: string | undefined;
  /**
   * A key of a Secret of this namespace. Instances do not start before it is there.
   */
  readonly secretKeyRef?: SecretKey | undefined;
  /**
   * A key of a ConfigMap of this namespace. Instances do not start before it is there.
   */
  readonly configMapKeyRef?: ConfigMapKey | undefined;
}

/**
 * Where packets come from. Absent is anywhere.
 */
export interface FirewallEndpoint {
  /**
   * Address ranges, such as 10.0.0.0/8. More than 16 go into a set.
   */
  readonly cidrs?: readonly string[] | undefined;
  /**
   * Name of one of the sets of this firewall.
   */
  readonly set?: string | undefined;
  /**
   * Pods attached to the network of the chain, by label. Empty is all of them. Without namespaceSelector only pods of the firewall's namespace.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods that podSelector means, by label. Empty is all of them.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * With true, every address matches except those that cidrs, set and podSelector say.
   */
  readonly not?: boolean | undefined;
}

/**
 * The rule matches only so many packets; those beyond go on to the rules after it. With stateful only the first packet of a flow counts, of ICMP every packet.
 */
export interface FirewallRate {
  /**
   * Packets a second, on the average.
   */
  readonly perSecond: number;
  /**
   * Packets that may come at once.
   */
  readonly burst: number;
  /**
   * Rule counts all packets together, Source counts those of each source address.
   */
  readonly per: 'Rule' | 'Source';
}

/**
 * One rule. What it does not mention it does not look at.
 */
export interface FirewallRule {
  /**
   * Name of the rule, for counters and logs; once in a firewall.
   */
  readonly name: string;
  /**
   * What becomes of packets that match.
   */
  readonly action: 'Accept' | 'Drop' | 'Reject';
  /**
   * TCP, UDP, SCTP, ICMP (of IPv4) or ICMPv6. Absent is every protocol.
   */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6' | undefined;
  /**
   * Where packets come from. Absent is anywhere.
   */
  readonly source?: FirewallEndpoint | undefined;
  /**
   * Where packets go to. Absent is anywhere.
   */
  readonly destination?: FirewallEndpoint | undefined;
  /**
   * Ports that packets come from, such as 53 or "1024-65535". Absent is any.
   */
  readonly sourcePorts?: readonly (number | string)[] | undefined;
  /**
   * Ports that packets go to, such as 80 or "8000-8010". Absent is any.
   */
  readonly destinationPorts?: readonly (number | string)[] | undefined;
  /**
   * Types of ICMP or ICMPv6 messages, by number: an echo request is 8 in ICMP and 128 in ICMPv6. Absent is any.
   */
  readonly icmpTypes?: readonly number[] | undefined;
  /**
   * The rule matches only so many packets; those beyond go on to the rules after it. With stateful only the first packet of a flow counts, of ICMP every packet.
   */
  readonly rate?: FirewallRate | undefined;
  /**
   * With true, packets that match are logged.
   */
  readonly log?: boolean | undefined;
}

/**
 * What one rule took.
 */
export interface FirewallRuleStatus {
  /**
   * Name of the rule.
   */
  readonly name: string;
  /**
   * Packets.
   */
  readonly packets: number;
  /**
   * Bytes.
   */
  readonly bytes: number;
}

/**
 * A named set of addresses.
 */
export interface FirewallSet {
  /**
   * Name of the set.
   */
  readonly name: string;
  /**
   * Address ranges, such as 10.0.0.0/8.
   */
  readonly cidrs?: readonly string[] | undefined;
  /**
   * A ConfigMap of the firewall's namespace with addresses or address ranges, one a line; what follows # on a line is comment. Lists that are too long for a ConfigMap are compressed with gzip, in binaryData under a key that ends in .gz.
   */
  readonly configMapRef?: ConfigMapKeyRef | undefined;
}

/**
 * Rules, and how many instances carry them out.
 */
export interface FirewallSpec {
  /**
   * Instances that there should be.
   */
  readonly replicas: number;
  /**
   * How long an instance that is to go, after a change of replicas or in an upgrade, stays for the flows that it has. It goes as soon as the last one ended, and takes no new ones. 0 ends it at once.
   */
  readonly drainSeconds: number;
  /**
   * What becomes of packets that no rule takes. Drop says nothing to the sender, Reject does.
   */
  readonly defaultAction: 'Drop' | 'Accept' | 'Reject';
  /**
   * Replies and related ICMP messages of accepted flows pass by themselves, packets that belong to no flow and cannot open one are dropped, and rules are asked only for the first packet of a flow. With false, rules are asked for every packet, both ways.
   */
  readonly stateful: boolean;
  /**
   * Rules, in order. The first one that matches decides.
   *
   * Items: One rule. What it does not mention it does not look at.
   */
  readonly rules?: readonly FirewallRule[] | undefined;
  /**
   * Named sets of addresses, for rules to name.
   *
   * Items: A named set of addresses.
   */
  readonly sets?: readonly FirewallSet[] | undefined;
  /**
   * How the pods of the instances are made.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * What the firewall is and did, as the operator saw it last.
 */
export interface FirewallStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Instances that there are.
   */
  readonly replicas?: number | undefined;
  /**
   * Instances that are ready.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Packets and bytes that each rule took, summed over the instances; of more than 1,000 rules, the 1,000 that took most.
   *
   * Items: What one rule took.
   */
  readonly rules?: readonly FirewallRuleStatus[] | undefined;
  /**
   * Packets that were logged, summed over the instances.
   */
  readonly logged?: number | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * How the pods of the instances are made.
 */
export interface FunctionPod {
  /**
   * Labels of the pods besides Heddle's own.
   */
  readonly labels?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Annotations of the pods besides Heddle's own.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * What the container of the function asks for and may use at most.
   */
  readonly resources?: PodResources | undefined;
  /**
   * Labels that a node must have.
   */
  readonly nodeSelector?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Taints of nodes that do not keep the pods away.
   *
   * Items: One kind of taint.
   */
  readonly tolerations?: readonly Toleration[] | undefined;
  /**
   * Which nodes and which neighbours the pods want, as in any pod.
   */
  readonly affinity?: PodAffinityRules | undefined;
  /**
   * How the pods spread over places. Absent, they spread over nodes as well as they can.
   *
   * Items: One rule of spreading.
   */
  readonly topologySpreadConstraints?: readonly TopologySpreadConstraint[] | undefined;
  /**
   * PriorityClass of the pods.
   */
  readonly priorityClassName?: string | undefined;
}

/**
 * The function that the pod is an instance of, in the namespace of the Port.
 */
export interface FunctionRef {
  /**
   * Kind of the function.
   */
  readonly kind: 'Firewall' | 'LoadBalancer' | 'CustomFunction';
  /**
   * Name of the function.
   */
  readonly name: string;
}

/**
 * The pods, by label. Those of this firewall have the label heddle.dev/function with the value firewall.NAME.
 */
export interface LabelSelector {
  /**
   * Labels that must be there with exactly these values.
   */
  readonly matchLabels?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Requirements that must all hold.
   *
   * Items: One requirement of a label.
   */
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

/**
 * One requirement of a label.
 */
export interface LabelSelectorRequirement {
  /**
   * The label's key.
   */
  readonly key: string;
  /**
   * In, NotIn, Exists or DoesNotExist.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values for In and NotIn; absent with Exists and DoesNotExist.
   */
  readonly values?: readonly string[] | undefined;
}

/**
 * One backend.
 */
export interface LoadBalancerAddress {
  /**
   * Its address on the network.
   */
  readonly address: string;
  /**
   * Its share of new flows beside the others' weights. 0 takes no new ones.
   */
  readonly weight: number;
}

/**
 * One backend as the instances see it.
 */
export interface LoadBalancerBackendStatus {
  /**
   * Its address on the network.
   */
  readonly address: string;
  /**
   * Its pod, as namespace/name; absent of a backend by address.
   */
  readonly pod?: string | undefined;
  /**
   * Its share of new flows.
   */
  readonly weight: number;
  /**
   * Whether it takes new flows. False as soon as one instance says so.
   */
  readonly healthy: boolean;
  /**
   * When that last changed.
   */
  readonly since: string;
  /**
   * Why: Healthy, NotChecked (there is no healthCheck), Starting (no check has ended yet), or what is wrong: CheckFailed, Draining, NoWeight.
   */
  readonly reason: string;
  /**
   * What the last failed check met.
   */
  readonly message?: string | undefined;
}

/**
 * Who answers; either pods by label, or addresses.
 */
export interface LoadBalancerBackends {
  /**
   * Pods attached to the network, by label; those that are ready take new flows. Empty is all of them. Without namespaceSelector only pods of the load balancer's namespace. The annotation heddle.dev/weight of a pod, 0..256, gives it another share than the 100 of the others.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods that podSelector means, by label. Empty is all of them.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * Backends by address, on the network.
   *
   * Items: One backend.
   */
  readonly addresses?: readonly LoadBalancerAddress[] | undefined;
}

/**
 * A Kubernetes Service in front of the instances, for clients outside the network. They are balanced as all others; backends see the load balancer's address in place of theirs.
 */
export interface LoadBalancerExpose {
  /**
   * NodePort or LoadBalancer.
   */
  readonly type: 'NodePort' | 'LoadBalancer';
  /**
   * The ports of the nodes, where they must be certain ones; the cluster gives the others.
   *
   * Items: The port of the nodes for one listener.
   */
  readonly nodePorts?: readonly LoadBalancerNodePort[] | undefined;
  /**
   * Cluster lets every node take clients in. Local lets only nodes with an instance do so, which keeps the client's address for affinity.
   */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /**
   * Annotations of the Service, for the cluster's load balancers.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
}

/**
 * How instances find out whether a backend answers, through the network itself. Absent, every backend counts as healthy; pods still need to be ready.
 */
export interface LoadBalancerHealthCheck {
  /**
   * A GET request over HTTP/1.1.
   */
  readonly http?: LoadBalancerHttpCheck | undefined;
  /**
   * A connection that is opened and closed.
   */
  readonly tcp?: LoadBalancerTcpCheck | undefined;
  /**
   * Milliseconds from one check of a backend to the next.
   */
  readonly intervalMs: number;
  /**
   * Milliseconds that a check may take. Absent is 200, or intervalMs if that is less.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Checks in a row that must succeed until an unhealthy backend takes new flows again.
   */
  readonly healthyAfter: number;
  /**
   * Checks in a row that must fail until a backend is unhealthy. It is out after intervalMs times this and timeoutMs at the latest.
   */
  readonly unhealthyAfter: number;
}

/**
 * A GET request over HTTP/1.1.
 */
export interface LoadBalancerHttpCheck {
  /**
   * What is asked for.
   */
  readonly path: string;
  /**
   * Port of the backends that is asked. Absent is the targetPort of the first listener of protocol TCP.
   */
  readonly port?: number | undefined;
  /**
   * The status codes of a healthy backend, such as 200 or "200-399".
   */
  readonly expectedStatus: number | string;
}

/**
 * One port at the addresses, and where it is served.
 */
export interface LoadBalancerListener {
  /**
   * Name of the listener, for counters; once in a load balancer.
   */
  readonly name: string;
  /**
   * TCP or UDP.
   */
  readonly protocol: 'TCP' | 'UDP';
  /**
   * Port that clients ask for.
   */
  readonly port: number;
  /**
   * Port at which the backends serve it. Absent is the same as port. Two listeners of one protocol cannot share it, because an answer of a backend would not tell which of them it belongs to.
   */
  readonly targetPort?: number | undefined;
}

/**
 * The port of the nodes for one listener.
 */
export interface LoadBalancerNodePort {
  /**
   * Name of the listener.
   */
  readonly listener: string;
  /**
   * The port, out of those that the cluster gives to Services.
   */
  readonly port: number;
}

/**
 * What clients ask for, who answers, and how many instances pass it on.
 */
export interface LoadBalancerSpec {
  /**
   * Instances that there should be.
   */
  readonly replicas: number;
  /**
   * How long flows of what is to go are kept. Of an instance, after a change of replicas or in an upgrade, which goes as soon as the last one ended and takes no new ones; and of a backend, which takes no new ones either. What is left then is reset. 0 ends it at once.
   */
  readonly drainSeconds: number;
  /**
   * Name of the VirtualNetwork, in the namespace of the load balancer. It cannot be changed.
   */
  readonly network: string;
  /**
   * Where clients reach it, inside the subnets of the network and nobody else's; one IPv4 address, one IPv6 address, or one of each. Absent, it gets a free one of each IP version that the network has, see status.addresses.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * A Kubernetes Service in front of the instances, for clients outside the network. They are balanced as all others; backends see the load balancer's address in place of theirs.
   */
  readonly expose?: LoadBalancerExpose | undefined;
  /**
   * The ports that clients ask for.
   *
   * Items: One port at the addresses, and where it is served.
   */
  readonly listeners: readonly LoadBalancerListener[];
  /**
   * Who answers; either pods by label, or addresses.
   */
  readonly backends: LoadBalancerBackends;
  /**
   * How the backend of a new flow is chosen. Maglev is by a hash of the flow, so that all instances choose the same one, and by weight.
   */
  readonly algorithm: 'Maglev';
  /**
   * ClientIP sends all flows of a client's address to one backend, while that is healthy.
   */
  readonly affinity: 'None' | 'ClientIP';
  /**
   * With affinity ClientIP, how long after its last new flow a client keeps its backend when other backends come. Absent is 10800, three hours.
   */
  readonly affinitySeconds?: number | undefined;
  /**
   * How instances find out whether a backend answers, through the network itself. Absent, every backend counts as healthy; pods still need to be ready.
   */
  readonly healthCheck?: LoadBalancerHealthCheck | undefined;
  /**
   * How the pods of the instances are made.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * What the load balancer is, as the operator saw it last.
 */
export interface LoadBalancerStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Instances that there are.
   */
  readonly replicas?: number | undefined;
  /**
   * Instances that are ready.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Where clients reach it.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * Where clients outside the network reach the listeners, such as 203.0.113.7:80/TCP; NODE stands for every node of the cluster.
   */
  readonly externalAddresses?: readonly string[] | undefined;
  /**
   * Backends that take new flows of those that there are, such as 3/4.
   */
  readonly summary?: string | undefined;
  /**
   * The backends, by address. Of more than 1,000, those that take no new flows come first.
   *
   * Items: One backend as the instances see it.
   */
  readonly backends?: readonly LoadBalancerBackendStatus[] | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * A connection that is opened and closed.
 */
export interface LoadBalancerTcpCheck {
  /**
   * Port of the backends that is asked. Absent is the targetPort of the first listener of protocol TCP.
   */
  readonly port?: number | undefined;
}

/**
 * The VirtualNetwork.
 */
export interface NamespacedName {
  /**
   * Namespace of the object.
   */
  readonly namespace: string;
  /**
   * Name of the object.
   */
  readonly name: string;
}

/**
 * Whose pods may join.
 */
export interface NetworkAttach {
  /**
   * Same is pods of this object's namespace, All is every pod, Selector is pods of the namespaces that the selector matches.
   */
  readonly namespaces: 'Same' | 'All' | 'Selector';
  /**
   * Labels of the namespaces whose pods may join; only with namespaces Selector.
   */
  readonly selector?: LabelSelector | undefined;
}

/**
 * Nodes by their labels.
 */
export interface NodeAffinity {
  /**
   * Nodes that may be used, those that one of the terms matches.
   */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector | undefined;
  /**
   * Nodes that are preferred.
   *
   * Items: A preference and its weight.
   */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredNodes[] | undefined;
}

/**
 * What the node has in its kernel now.
 */
export interface NodeReportStatus {
  /**
   * Addresses of the node for VXLAN, one a family at most.
   */
  readonly vteps?: readonly string[] | undefined;
  /**
   * Largest IP packet of the node's own network.
   */
  readonly underlayMtu?: number | undefined;
  /**
   * Networks that the kernel of the node has.
   */
  readonly vnis?: readonly number[] | undefined;
  /**
   * The metadata.generation of each ChainSlice in the kernel, by namespace/name.
   */
  readonly slices?: {
    readonly [k: string]: number;
  } | undefined;
  /**
   * The metadata.generation of each VirtualNetwork in the kernel, by namespace/name.
   */
  readonly networks?: {
    readonly [k: string]: number;
  } | undefined;
  /**
   * Packets dropped since the node came up, by reason.
   */
  readonly drops?: {
    readonly [k: string]: number;
  } | undefined;
  /**
   * Instances of functions on this node that do not forward, by their ids, sorted.
   */
  readonly down?: readonly number[] | undefined;
  /**
   * Nodes with instances of functions that this node cannot reach, by their names, sorted.
   */
  readonly unreachable?: readonly string[] | undefined;
  /**
   * Version of the agent.
   */
  readonly agentVersion?: string | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Nodes that may be used, those that one of the terms matches.
 */
export interface NodeSelector {
  /**
   * Terms, of which one must match.
   *
   * Items: Requirements that must all hold.
   */
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/**
 * One requirement of a node.
 */
export interface NodeSelectorRequirement {
  /**
   * The label's or field's key.
   */
  readonly key: string;
  /**
   * In, NotIn, Exists, DoesNotExist, Gt or Lt.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /**
   * Values for the operator; absent with Exists and DoesNotExist, one with Gt and Lt.
   */
  readonly values?: readonly string[] | undefined;
}

/**
 * Requirements that must all hold.
 */
export interface NodeSelectorTerm {
  /**
   * Requirements of labels.
   *
   * Items: One requirement of a node.
   */
  readonly matchExpressions?: readonly NodeSelectorRequirement[] | undefined;
  /**
   * Requirements of fields of the node.
   *
   * Items: One requirement of a node.
   */
  readonly matchFields?: readonly NodeSelectorRequirement[] | undefined;
}

/**
 * Pods to be near to.
 */
export interface PodAffinity {
  /**
   * Terms that must hold.
   *
   * Items: Pods, and how near is near.
   */
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[] | undefined;
  /**
   * Terms that are preferred.
   *
   * Items: A term and its weight.
   */
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly PreferredPods[] | undefined;
}

/**
 * Which nodes and which neighbours the pods want, as in any pod.
 */
export interface PodAffinityRules {
  /**
   * Nodes by their labels.
   */
  readonly nodeAffinity?: NodeAffinity | undefined;
  /**
   * Pods to be near to.
   */
  readonly podAffinity?: PodAffinity | undefined;
  /**
   * Pods to be far from.
   */
  readonly podAntiAffinity?: PodAffinity | undefined;
}

/**
 * Pods, and how near is near.
 */
export interface PodAffinityTerm {
  /**
   * The pods, by label. Those of this firewall have the label heddle.dev/function with the value firewall.NAME.
   */
  readonly labelSelector: LabelSelector;
  /**
   * Namespaces of the pods, by label.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods, by name.
   */
  readonly namespaces?: readonly string[] | undefined;
  /**
   * Label of nodes; nodes with the same value of it are one place.
   */
  readonly topologyKey: string;
  /**
   * Keys of labels whose values come from the pod itself.
   */
  readonly matchLabelKeys?: readonly string[] | undefined;
  /**
   * Keys of labels whose values must not be those of the pod itself.
   */
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/**
 * What the container of the function asks for and may use at most.
 */
export interface PodResources {
  /**
   * What it asks for, such as cpu 100m.
   */
  readonly requests?: {
    readonly [k: string]: number | string;
  } | undefined;
  /**
   * What it may use at most, such as memory 256Mi.
   */
  readonly limits?: {
    readonly [k: string]: number | string;
  } | undefined;
}

/**
 * The pod, in the namespace of the Port.
 */
export interface PortPod {
  /**
   * Name of the pod.
   */
  readonly name: string;
  /**
   * UID of the pod, so that another pod of the same name is not meant.
   */
  readonly uid: string;
}

/**
 * What the attachment is. A Port of a network has network, vni, addresses and mac; a Port of a function's instance has function and instance.
 */
export interface PortSpec {
  /**
   * The VirtualNetwork.
   */
  readonly network?: NamespacedName | undefined;
  /**
   * VXLAN network identifier of the network.
   */
  readonly vni?: number | undefined;
  /**
   * The pod, in the namespace of the Port.
   */
  readonly pod: PortPod;
  /**
   * Node of the pod.
   */
  readonly node: string;
  /**
   * Name of the interface in the pod, such as net1.
   */
  readonly interface: string;
  /**
   * Addresses of the interface.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * Hardware address of the interface.
   */
  readonly mac?: string | undefined;
  /**
   * Number of the function's instance in the data path.
   */
  readonly instance?: number | undefined;
  /**
   * The function that the pod is an instance of, in the namespace of the Port.
   */
  readonly function?: FunctionRef | undefined;
  /**
   * Address ranges that the pod may send from and receive for besides its addresses.
   */
  readonly prefixes?: readonly string[] | undefined;
  /**
   * Largest IP packet of the interface.
   */
  readonly mtu?: number | undefined;
}

/**
 * What the attachment is now. Accepted comes from the operator, Ready from the agent of the node.
 */
export interface PortStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * A preference and its weight.
 */
export interface PreferredNodes {
  /**
   * Weight of the preference.
   */
  readonly weight: number;
  /**
   * Requirements that must all hold.
   */
  readonly preference: NodeSelectorTerm;
}

/**
 * A term and its weight.
 */
export interface PreferredPods {
  /**
   * Weight of the term.
   */
  readonly weight: number;
  /**
   * Pods, and how near is near.
   */
  readonly podAffinityTerm: PodAffinityTerm;
}

/**
 * A key of a Secret of this namespace. Instances do not start before it is there.
 */
export interface SecretKey {
  /**
   * Name of the object.
   */
  readonly name: string;
  /**
   * Key in the object.
   */
  readonly key: string;
}

/**
 * A Secret of this namespace.
 */
export interface SecretRef {
  /**
   * Name of the Secret.
   */
  readonly name: string;
}

/**
 * Which flows the chain takes, and through what.
 */
export interface ServiceChainSpec {
  /**
   * Name of the VirtualNetwork, in the namespace of the chain. It cannot be changed.
   */
  readonly network: string;
  /**
   * Of chains that match one flow the highest priority takes it; then the older; then the first by name.
   */
  readonly priority: number;
  /**
   * Who opens the flows. Absent is everything on the network.
   *
   * Items: One end of flows: pods by label, or addresses.
   */
  readonly from?: readonly ChainEndpoint[] | undefined;
  /**
   * Whom the flows go to. Absent is everything on the network.
   *
   * Items: One end of flows: pods by label, or addresses.
   */
  readonly to?: readonly ChainEndpoint[] | undefined;
  /**
   * Protocols and destination ports of the flows. Absent is all.
   *
   * Items: A protocol, and with it a destination port or a range of them.
   */
  readonly ports?: readonly ChainPort[] | undefined;
  /**
   * Through (default) sends every packet through all functions. Straight lets TCP and UDP flows that all functions have let pass go straight to their destination, for seconds at a time, which is several times as fast; needs functions that only judge how a flow begins (a Firewall with stateful true), or a LoadBalancer that is the only function and all that to names. The functions do not see those packets.
   */
  readonly establishedFlows: 'Through' | 'Straight';
  /**
   * The functions that flows pass, in order; replies pass them the other way round.
   *
   * Items: One function, in the namespace of the chain.
   */
  readonly functions: readonly ChainFunction[];
}

/**
 * What the chain is, as the operator saw it last.
 */
export interface ServiceChainStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Number of the path in the data path, for as long as the chain lives.
   */
  readonly pathId?: number | undefined;
  /**
   * The functions in order, in short, such as fw/edge.
   */
  readonly path?: string | undefined;
  /**
   * State of each function, in the order of spec.
   *
   * Items: State of one function of the chain.
   */
  readonly functions?: readonly ChainFunctionStatus[] | undefined;
  /**
   * How many Ports of the network have a classifier of this chain.
   */
  readonly classifiedPorts?: number | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * One address range.
 */
export interface Subnet {
  /**
   * The range, such as 10.20.0.0/16 or fd20::/64. All bits after the prefix must be zero.
   */
  readonly cidr: string;
  /**
   * Addresses of this subnet that are never given to a pod: an address, a range first-last, or a CIDR.
   */
  readonly reserved?: readonly string[] | undefined;
}

/**
 * How full one subnet is.
 */
export interface SubnetStatus {
  /**
   * The subnet, as in spec.
   */
  readonly cidr: string;
  /**
   * Addresses that Ports hold.
   */
  readonly allocated: number;
  /**
   * Addresses that can still be given; at most 9007199254740991 is shown.
   */
  readonly available: number;
}

/**
 * One kind of taint.
 */
export interface Toleration {
  /**
   * The taint's key. Absent, with operator Exists, is all taints.
   */
  readonly key?: string | undefined;
  /**
   * Equal compares the value, Exists does not look at it.
   */
  readonly operator?: 'Equal' | 'Exists' | undefined;
  /**
   * The taint's value; absent with Exists.
   */
  readonly value?: string | undefined;
  /**
   * The taint's effect. Absent is all.
   */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined;
  /**
   * How long a pod stays on a node with a NoExecute taint. Absent is for ever.
   */
  readonly tolerationSeconds?: number | undefined;
}

/**
 * One rule of spreading.
 */
export interface TopologySpreadConstraint {
  /**
   * How many more pods one place may have than another.
   */
  readonly maxSkew: number;
  /**
   * Label of nodes; nodes with the same value of it are one place.
   */
  readonly topologyKey: string;
  /**
   * What to do with a pod that cannot keep the rule.
   */
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  /**
   * The pods, by label. Those of this firewall have the label heddle.dev/function with the value firewall.NAME.
   */
  readonly labelSelector: LabelSelector;
  /**
   * How many places there must be at least.
   */
  readonly minDomains?: number | undefined;
  /**
   * Whether nodeSelector and affinity are heeded when places are counted.
   */
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore' | undefined;
  /**
   * Whether taints are heeded when places are counted.
   */
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore' | undefined;
  /**
   * Keys of labels whose values come from the pod itself.
   */
  readonly matchLabelKeys?: readonly string[] | undefined;
}

/**
 * A Kubernetes Service in front of the gateway, for clients outside the cluster. Absent, only pods and nodes reach it.
 */
export interface VPNExpose {
  /**
   * NodePort or LoadBalancer.
   */
  readonly type: 'NodePort' | 'LoadBalancer';
  /**
   * The port of the nodes, when it must be a certain one.
   */
  readonly nodePort?: number | undefined;
  /**
   * Cluster lets every node take clients in and hides their addresses from the gateway, so that after a takeover they are back when they notice, 15 seconds later. Local lets only the node of the active gateway take them in; the next one speaks to them at once, and they follow it.
   */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /**
   * Annotations of the Service, for the cluster's load balancers.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
}

/**
 * Who the peer is, and which addresses are its own.
 */
export interface VPNPeerSpec {
  /**
   * The VPN, in the namespace of the peer. It cannot be changed.
   */
  readonly vpn: string;
  /**
   * The peer's public key, as wg pubkey prints it. Absent, a key pair is generated into the peer's Secret.
   */
  readonly publicKey?: string | undefined;
  /**
   * Addresses of the peer inside the tunnel, out of the VPN's pool. Of an IP version that is not among them it gets one by itself, and keeps it.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * Networks behind the peer (a site), besides its addresses. Pods of the network reach them through it.
   */
  readonly allowedIPs?: readonly string[] | undefined;
  /**
   * With true, a key that both ends must know besides is generated into the peer's Secret.
   */
  readonly presharedKey: boolean;
  /**
   * When the peer may not connect any more, such as 2027-01-31T18:00:00Z. Absent is never.
   */
  readonly expiresAt?: string | undefined;
  /**
   * With true, the peer may not connect. It keeps its addresses and keys.
   */
  readonly disabled: boolean;
}

/**
 * What the peer is and does, as the operator saw it last.
 */
export interface VPNPeerStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * The peer's public key.
   */
  readonly publicKey?: string | undefined;
  /**
   * Addresses of the peer inside the tunnel, for as long as it lives.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * The Secret of the peer, in its namespace: keys, and the file for its WireGuard under wg0.conf.
   */
  readonly secret?: string | undefined;
  /**
   * When it last proved who it is; a connected peer does so every two minutes.
   */
  readonly lastHandshake?: string | undefined;
  /**
   * Where it was last heard from.
   */
  readonly endpoint?: string | undefined;
  /**
   * Bytes received from it since the active gateway began.
   */
  readonly rxBytes?: number | undefined;
  /**
   * Bytes sent to it since the active gateway began.
   */
  readonly txBytes?: number | undefined;
  /**
   * Whether it has proved who it is within the last three minutes.
   */
  readonly connected?: boolean | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Where peers come in, and what they may reach.
 */
export interface VPNSpec {
  /**
   * The VirtualNetwork that peers reach, in the namespace of the VPN.
   */
  readonly network: string;
  /**
   * Address ranges that peers get their addresses from: one address of each IP version. They must be outside the subnets of the network. The gateway has the first address of each.
   */
  readonly pool: readonly string[];
  /**
   * UDP port that the gateway listens on, in its pod and at its Service.
   */
  readonly listenPort: number;
  /**
   * Where clients send to, as host:port or [IPv6]:port, for their files. Absent, it is the address of the Service that expose asks for.
   */
  readonly endpoint?: string | undefined;
  /**
   * A Kubernetes Service in front of the gateway, for clients outside the cluster. Absent, only pods and nodes reach it.
   */
  readonly expose?: VPNExpose | undefined;
  /**
   * Address ranges that peers reach through the gateway, and no others. Absent, they are the subnets of the network.
   */
  readonly routes?: readonly string[] | undefined;
  /**
   * Addresses of DNS servers for the clients' files.
   */
  readonly dns?: readonly string[] | undefined;
  /**
   * Largest IP packet inside the tunnel, at both ends. Outside it is 60 bytes larger over IPv4 and 80 over IPv6, which the clients' way and the pods' own network must carry whole.
   */
  readonly mtu: number;
  /**
   * Seconds after which a silent client says something, so that address translators on the way do not forget it. 0 is never.
   */
  readonly keepalive: number;
  /**
   * Whether peers reach each other, and the networks behind each other, through the gateway.
   */
  readonly peerToPeer: boolean;
  /**
   * Gateways that there should be. Peers talk to one, the others stand by and take over from it.
   */
  readonly replicas: number;
  /**
   * How the pods of the instances are made.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * What the gateway is and does, as the operator saw it last.
 */
export interface VPNStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Gateways that there are.
   */
  readonly replicas?: number | undefined;
  /**
   * Gateways that are ready.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * The gateway's public key. The private one is in a Secret that only gateways read.
   */
  readonly publicKey?: string | undefined;
  /**
   * Where clients send to.
   */
  readonly endpoint?: string | undefined;
  /**
   * Addresses of the gateway inside the tunnel, the first of each range of the pool.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * The pod that peers talk to.
   */
  readonly active?: string | undefined;
  /**
   * Whose WireGuard the active gateway uses: that of the kernel, or wireguard-go in the pod.
   */
  readonly wireGuard?: 'Kernel' | 'Userspace' | undefined;
  /**
   * Peers that may connect now.
   */
  readonly peers?: number | undefined;
  /**
   * Peers that are connected now.
   */
  readonly connected?: number | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * What the network shall be.
 */
export interface VirtualNetworkSpec {
  /**
   * Address ranges of the network, IPv4 and IPv6 as you like. They must not overlap each other; they may overlap those of other networks and of the cluster.
   *
   * Items: One address range.
   */
  readonly subnets: readonly Subnet[];
  /**
   * Largest IP packet of an interface on this network. By default what the nodes' own network carries less the encapsulation; more than that is refused by the condition Accepted.
   */
  readonly mtu?: number | undefined;
  /**
   * VXLAN network identifier, when it must be a certain one. By default a free one is allocated and kept in status. It cannot be changed.
   */
  readonly vni?: number | undefined;
  /**
   * Whose pods may join.
   */
  readonly attach: NetworkAttach;
}

/**
 * What the network is, as the operator saw it last.
 */
export interface VirtualNetworkStatus {
  /**
   * The metadata.generation that this status speaks of.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * VXLAN network identifier of this network, for as long as it lives.
   */
  readonly vni?: number | undefined;
  /**
   * Largest IP packet that interfaces of this network have now.
   */
  readonly mtu?: number | undefined;
  /**
   * How full each subnet is.
   *
   * Items: How full one subnet is.
   */
  readonly subnets?: readonly SubnetStatus[] | undefined;
  /**
   * How many Ports the network has.
   */
  readonly ports?: number | undefined;
  /**
   * How many nodes have at least one of its Ports.
   */
  readonly nodes?: number | undefined;
  /**
   * What is true of this object now; one entry a type.
   *
   * Items: One aspect of the state of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}
