// Generated from crds/ by `npm run generate`. Do not edit.
// SPDX-License-Identifier: Apache-2.0

/**
 * One range, with exceptions.
 */
export interface ChainCidr {
  /**
   * The range.
   */
  readonly cidr: string;
  /**
   * Ranges inside it that are excluded; all IPv4 addresses beside those of the chain, if an IPv6 range has them in mapped form.
   */
  readonly except?: readonly string[] | undefined;
}

/**
 * Sources that open the flows. The union over all slices.
 */
export interface ChainEnd {
  /**
   * Everything on the network.
   */
  readonly any: boolean;
  /**
   * Address ranges.
   *
   * Items: One range, with exceptions.
   */
  readonly cidrs?: readonly ChainCidr[] | undefined;
  /**
   * Single addresses.
   */
  readonly addresses?: readonly string[] | undefined;
}

/**
 * Sources or destinations of flows: pods by label, addresses, the peers of a VPN, or a load balancer.
 */
export interface ChainEndpoint {
  /**
   * Pods attached to the network, by label. An empty selector selects all. Without namespaceSelector, only pods of the chain's namespace.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods, by label. An empty selector selects all namespaces.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * Name of a LoadBalancer on the network, in the namespace of the chain. It means the addresses of the load balancer. Only in to.
   */
  readonly loadBalancer?: string | undefined;
  /**
   * Name of a VPN on the network, in the namespace of the chain. It means the addresses of its peers, and the networks behind them.
   */
  readonly vpn?: string | undefined;
  /**
   * An address range, such as 10.0.0.0/8.
   */
  readonly cidr?: string | undefined;
  /**
   * Ranges inside cidr that are excluded.
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
   * What happens to flows while the function does not exist or none of its instances forwards. Closed (the default) drops them, Open skips the function.
   */
  readonly onFailure?: 'Closed' | 'Open' | undefined;
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
   * Desired number of instances.
   */
  readonly desired: number;
  /**
   * Healthy if all desired instances take new flows, Degraded if fewer do, Failed if none does. With Failed, onFailure is in force.
   */
  readonly state: 'Healthy' | 'Degraded' | 'Failed';
  /**
   * Why the function is not Healthy, in one word.
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
   * Pods or nodes that are concerned, and what to do.
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
   * What happens to flows while no instance can take them.
   */
  readonly onFailure: 'Closed' | 'Open';
  /**
   * Instances that were ready at least once, sorted by id.
   *
   * Items: One instance, and the flows that it takes.
   */
  readonly instances: readonly ChainInstance[];
}

/**
 * One instance, and the flows that it takes.
 */
export interface ChainInstance {
  /**
   * Id of the instance in the data path.
   */
  readonly id: number;
  /**
   * Node of the instance.
   */
  readonly node: string;
  /**
   * Share of new flows, relative to the other instances of the hop. Default 100. With 0 the instance takes no new flows and keeps its flows.
   */
  readonly weight?: number | undefined;
  /**
   * If absent, the instance takes new flows. Draining keeps its flows and takes no new ones. Down does not forward. Unready gets no flows, even if its node's probes succeed.
   */
  readonly state?: 'Draining' | 'Down' | 'Unready' | undefined;
}

/**
 * A port to which clients connect, and the port of the backends.
 */
export interface ChainListener {
  /**
   * TCP or UDP.
   */
  readonly protocol: 'TCP' | 'UDP';
  /**
   * Port to which clients connect.
   */
  readonly port: number;
  /**
   * Port of the backends.
   */
  readonly targetPort: number;
}

/**
 * A protocol, with a destination port or a range of destination ports.
 */
export interface ChainPort {
  /**
   * TCP, UDP, SCTP, or ICMP (which includes ICMPv6).
   */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  /**
   * Destination port, or the first port of a range. If absent, all ports of the protocol.
   */
  readonly port?: number | undefined;
  /**
   * Last port of the range that begins with port.
   */
  readonly endPort?: number | undefined;
}

/**
 * The compiled chain, or a part of it.
 */
export interface ChainSliceSpec {
  /**
   * Name of the ServiceChain; with /outside, its path of clients outside the network.
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
   * Id of the chain's path in the data path.
   */
  readonly pathId: number;
  /**
   * If several chains match a flow, the chain with the highest priority takes it.
   */
  readonly priority: number;
  /**
   * When the chain was created. Of two chains with equal priority the older one wins.
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
   * Protocols and ports, in slice 0. If absent, all.
   *
   * Items: A protocol, with a destination port or a range of destination ports.
   */
  readonly ports?: readonly ChainPort[] | undefined;
  /**
   * Addresses of load balancers in to, in slice 0. No pod has them; the data path answers ARP and neighbour discovery for them.
   */
  readonly virtual?: readonly string[] | undefined;
  /**
   * Whether established flows may use the fast path past the functions; in slice 0.
   */
  readonly straight?: boolean | undefined;
  /**
   * Listeners of the load balancer, if it is the only function of the chain and flows may bypass it; in slice 0.
   *
   * Items: A port to which clients connect, and the port of the backends.
   */
  readonly listeners?: readonly ChainListener[] | undefined;
  /**
   * The functions in order, in slice 0.
   *
   * Items: One function and its instances.
   */
  readonly hops?: readonly ChainHop[] | undefined;
  /**
   * Sources that open the flows. The union over all slices.
   */
  readonly from: ChainEnd;
  /**
   * Destinations of the flows. The union over all slices.
   */
  readonly to: ChainEnd;
  /**
   * Addresses to which the load balancers of the chain send, besides to. The union over all slices. Absent if the chain has no load balancer, or one whose spec has faults; then packets behind it are not checked.
   */
  readonly behind?: ChainEnd | undefined;
}

/**
 * One condition of an object.
 */
export interface Condition {
  /**
   * Type of the condition, such as Accepted or Ready.
   */
  readonly type: string;
  /**
   * True, False or Unknown.
   */
  readonly status: 'True' | 'False' | 'Unknown';
  /**
   * The metadata.generation that this condition describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * When the status last changed.
   */
  readonly lastTransitionTime: string;
  /**
   * Reason for programs, one CamelCase word. All reasons are in docs/reasons.md.
   */
  readonly reason: string;
  /**
   * Explanation for people, and what to do.
   */
  readonly message: string;
}

/**
 * A key of a ConfigMap of this namespace. Instances do not start before it exists.
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
 * A ConfigMap of the firewall's namespace with one address or address range in the first column of each line. Text after #, ; or // is a comment. If a list is too long for a ConfigMap, compress it with gzip into binaryData, under a key that ends in .gz.
 */
export interface ConfigMapKeyRef {
  /**
   * Name of the ConfigMap.
   */
  readonly name: string;
  /**
   * Key in the ConfigMap. If absent, all keys.
   */
  readonly key?: string | undefined;
}

/**
 * A program in the container. Exit code 0 means ready.
 */
export interface CustomFunctionExecProbe {
  /**
   * The program and its arguments, without a shell.
   */
  readonly command: readonly string[];
}

/**
 * An HTTP request to the pod's own address. Status 200 to 399 means ready.
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
   * Its protocol. Without it, TCP.
   */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | undefined;
}

/**
 * Check whether the container has its rules. Before it succeeds, the instance gets no flows; when it fails, flows go to other instances. If absent, the container is ready as soon as its process runs.
 */
export interface CustomFunctionProbe {
  /**
   * A program in the container. Exit code 0 means ready.
   */
  readonly exec?: CustomFunctionExecProbe | undefined;
  /**
   * An HTTP request to the pod's own address. Status 200 to 399 means ready.
   */
  readonly httpGet?: CustomFunctionHttpProbe | undefined;
  /**
   * A TCP connection to the pod's own address. Success means ready.
   */
  readonly tcpSocket?: CustomFunctionTcpProbe | undefined;
  /**
   * Seconds from the start of the container to the first check.
   */
  readonly initialDelaySeconds: number;
  /**
   * Seconds between two checks.
   */
  readonly periodSeconds: number;
  /**
   * Seconds after which a check fails.
   */
  readonly timeoutSeconds: number;
  /**
   * Failures in a row after which the container is not ready.
   */
  readonly failureThreshold: number;
}

/**
 * The image, its settings, and the number of instances.
 */
export interface CustomFunctionSpec {
  /**
   * Desired number of instances.
   */
  readonly replicas: number;
  /**
   * Seconds that an instance that ends (fewer replicas, an upgrade) keeps its flows at most. It takes no new flows, and ends when its last flow has ended. 0 ends it at once.
   */
  readonly drainSeconds: number;
  /**
   * The image, named as in a container of a pod.
   */
  readonly image: string;
  /**
   * When the image is pulled. If absent, the default of Kubernetes, which is Always for the tag latest and IfNotPresent for other tags.
   */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never' | undefined;
  /**
   * Who decides that the function gets the Secrets that it names, in env and imagePullSecrets. Writer (the default): who writes the function must be able to read each of them. Allowed: each of them has the annotation heddle.dev/allow: customfunction/NAME, with the name of the function, several separated by commas; no instances are made before.
   */
  readonly secretAccess?: 'Writer' | 'Allowed' | undefined;
  /**
   * Secrets of this namespace with credentials for the image's registry.
   *
   * Items: A Secret of this namespace.
   */
  readonly imagePullSecrets?: readonly SecretRef[] | undefined;
  /**
   * Command that replaces the image's entry point.
   */
  readonly command?: readonly string[] | undefined;
  /**
   * Arguments that replace the image's own.
   */
  readonly args?: readonly string[] | undefined;
  /**
   * Environment variables of the container. An edit of a Secret or ConfigMap reaches instances that start after it.
   *
   * Items: One environment variable, with a value or the source of the value.
   */
  readonly env?: readonly CustomFunctionVariable[] | undefined;
  /**
   * Ports on which the container serves on the pod's own address, for metrics or an API. Packets of chains never reach them.
   *
   * Items: One port of the container.
   */
  readonly ports?: readonly CustomFunctionPort[] | undefined;
  /**
   * How packets reach the function. One (the default): packets come in and go out by chain0, the kernel of the pod forwards them, and the context is in the mark. Two: the image forwards frames between left and right. Packets in the forward direction of the chain come in by left and must leave by right, replies the opposite way, with both MAC addresses unchanged. It cannot be changed.
   */
  readonly interfaces: 'One' | 'Two';
  /**
   * Capabilities of the container in addition to NET_ADMIN, which it always has in its own network namespace. All others are dropped.
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
   * Whether the image's root file system is read-only. /tmp and /run are then volumes that may be written, empty when the pod starts. If absent, it may be written, because many images do.
   */
  readonly readOnlyRootFilesystem?: boolean | undefined;
  /**
   * Check whether the container has its rules. Before it succeeds, the instance gets no flows; when it fails, flows go to other instances. If absent, the container is ready as soon as its process runs.
   */
  readonly readinessProbe?: CustomFunctionProbe | undefined;
  /**
   * Settings of the pods.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * Last observed state of the function.
 */
export interface CustomFunctionStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Current number of instances.
   */
  readonly replicas?: number | undefined;
  /**
   * Number of ready instances.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Packets of chains, summed over the instances. Packets that went in and did not come out were dropped, answered, or merged with others.
   */
  readonly in?: CustomFunctionTraffic | undefined;
  /**
   * Packets of chains, summed over the instances. Packets that went in and did not come out were dropped, answered, or merged with others.
   */
  readonly out?: CustomFunctionTraffic | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * A TCP connection to the pod's own address. Success means ready.
 */
export interface CustomFunctionTcpProbe {
  /**
   * The port.
   */
  readonly port: number;
}

/**
 * Packets of chains, summed over the instances. Packets that went in and did not come out were dropped, answered, or merged with others.
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
 * One environment variable, with a value or the source of the value.
 */
export interface CustomFunctionVariable {
  /**
   * Name of the variable.
   */
  readonly name: string;
  /**
   * Value of the variable. $(NAME) is replaced by the value of an earlier variable of this name.
   */
  readonly value?: string | undefined;
  /**
   * A key of a Secret of this namespace. Instances do not start before it exists.
   */
  readonly secretKeyRef?: SecretKey | undefined;
  /**
   * A key of a ConfigMap of this namespace. Instances do not start before it exists.
   */
  readonly configMapKeyRef?: ConfigMapKey | undefined;
}

/**
 * Source addresses of packets. If absent, all.
 */
export interface FirewallEndpoint {
  /**
   * Address ranges, such as 10.0.0.0/8. For more than 16 ranges use a set.
   */
  readonly cidrs?: readonly string[] | undefined;
  /**
   * Name of one of the sets of this firewall.
   */
  readonly set?: string | undefined;
  /**
   * Pods attached to the network of the chain, by label. An empty selector selects all. Without namespaceSelector, only pods of the firewall's namespace.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods, by label. An empty selector selects all namespaces.
   */
  readonly namespaceSelector?: LabelSelector | undefined;
  /**
   * With true, every address matches except those in cidrs, set and podSelector.
   */
  readonly not?: boolean | undefined;
}

/**
 * The rule matches only so many packets. Packets beyond the rate go on to the next rules. In a stateful firewall only the first packet of a flow counts; of ICMP, every request.
 */
export interface FirewallRate {
  /**
   * Packets per second, on average.
   */
  readonly perSecond: number;
  /**
   * Packets that may come at once, in a burst. Without it, 5.
   */
  readonly burst?: number | undefined;
  /**
   * Rule (the default) counts all packets together, Source counts those of each source address.
   */
  readonly per?: 'Rule' | 'Source' | undefined;
}

/**
 * One rule. It ignores the parts of a packet that it does not mention.
 */
export interface FirewallRule {
  /**
   * Name of the rule, for counters and logs. Unique in the firewall, and not default-action or invalid-state.
   */
  readonly name: string;
  /**
   * What happens to packets that match.
   */
  readonly action: 'Accept' | 'Drop' | 'Reject';
  /**
   * TCP, UDP, SCTP, ICMP (IPv4) or ICMPv6. If absent, every protocol.
   */
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP' | 'ICMP' | 'ICMPv6' | undefined;
  /**
   * Source addresses of packets. If absent, all.
   */
  readonly source?: FirewallEndpoint | undefined;
  /**
   * Destination addresses of packets. If absent, all.
   */
  readonly destination?: FirewallEndpoint | undefined;
  /**
   * Source ports of packets, such as 53 or "1024-65535". If absent, all.
   */
  readonly sourcePorts?: readonly (number | string)[] | undefined;
  /**
   * Destination ports of packets, such as 80 or "8000-8010". If absent, all.
   */
  readonly destinationPorts?: readonly (number | string)[] | undefined;
  /**
   * Types of ICMP or ICMPv6 messages, by number: an echo request is 8 in ICMP and 128 in ICMPv6. If absent, all.
   */
  readonly icmpTypes?: readonly number[] | undefined;
  /**
   * The rule matches only so many packets. Packets beyond the rate go on to the next rules. In a stateful firewall only the first packet of a flow counts; of ICMP, every request.
   */
  readonly rate?: FirewallRate | undefined;
  /**
   * With true, packets that match are logged.
   */
  readonly log?: boolean | undefined;
}

/**
 * Counters of one rule.
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
   * A ConfigMap of the firewall's namespace with one address or address range in the first column of each line. Text after #, ; or // is a comment. If a list is too long for a ConfigMap, compress it with gzip into binaryData, under a key that ends in .gz.
   */
  readonly configMapRef?: ConfigMapKeyRef | undefined;
  /**
   * What happens when lines of the ConfigMap cannot be read. Skip (if absent) uses the other lines. Keep uses the last good contents, which are kept for instances that start later; if there are none, the other lines. In both cases a condition names the lines, and a list with more bad lines than good ones is not used, but its last good contents.
   */
  readonly onInvalid?: 'Skip' | 'Keep' | undefined;
}

/**
 * Rules, sets, and the number of instances.
 */
export interface FirewallSpec {
  /**
   * Desired number of instances.
   */
  readonly replicas: number;
  /**
   * Seconds that an instance that ends (fewer replicas, an upgrade) keeps its flows at most. It takes no new flows, and ends when its last flow has ended. 0 ends it at once.
   */
  readonly drainSeconds: number;
  /**
   * What happens to packets that no rule matches. Drop sends no answer, Reject sends a reset or an ICMP error.
   */
  readonly defaultAction: 'Drop' | 'Accept' | 'Reject';
  /**
   * With true (the default), replies and related ICMP messages of accepted flows pass, packets that belong to no flow and cannot open one are dropped, and rules see only the first packet of a flow. With false, rules see every packet, in both directions.
   */
  readonly stateful: boolean;
  /**
   * Rules, in order. The first one that matches decides.
   *
   * Items: One rule. It ignores the parts of a packet that it does not mention.
   */
  readonly rules?: readonly FirewallRule[] | undefined;
  /**
   * Named sets of addresses, which rules can name.
   *
   * Items: A named set of addresses.
   */
  readonly sets?: readonly FirewallSet[] | undefined;
  /**
   * Settings of the pods.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * Last observed state of the firewall.
 */
export interface FirewallStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Current number of instances.
   */
  readonly replicas?: number | undefined;
  /**
   * Number of ready instances.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Packets and bytes that each rule matched, summed over the instances. With more than 1,000 rules, the 1,000 rules that matched most.
   *
   * Items: Counters of one rule.
   */
  readonly rules?: readonly FirewallRuleStatus[] | undefined;
  /**
   * Logged packets, summed over the instances.
   */
  readonly logged?: number | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Settings of the pods.
 */
export interface FunctionPod {
  /**
   * Labels of the pods, in addition to Heddle's own.
   */
  readonly labels?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Annotations of the pods, in addition to Heddle's own.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Resource requests and limits of the pod's containers, the init container too, as quotas and LimitRanges ask for. Beside a custom function's image, Heddle's own container has amounts of its own for the resources that are named here.
   */
  readonly resources?: PodResources | undefined;
  /**
   * Labels that a node must have to run the pods.
   */
  readonly nodeSelector?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Taints of nodes that the pods tolerate.
   *
   * Items: One toleration.
   */
  readonly tolerations?: readonly Toleration[] | undefined;
  /**
   * Affinity to nodes and to other pods, as in any pod.
   */
  readonly affinity?: PodAffinityRules | undefined;
  /**
   * How the pods spread over topology domains. If absent, they spread over nodes as far as possible.
   *
   * Items: One spread constraint.
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
 * Most addresses that pods of other namespaces may have on the network. A pod that would have more does not start. Pods that have more already keep them.
 */
export interface GuestQuota {
  /**
   * Most addresses of one IP family that one pod may have. The chart's limits.addressesPerPod holds too.
   */
  readonly addressesPerPod?: number | undefined;
  /**
   * Most addresses of one IP family that all pods of one namespace together may have. If absent, there is no limit.
   */
  readonly addressesPerNamespace?: number | undefined;
}

/**
 * The pods, by label. The pods of this function have the label heddle.dev/function with the value customfunction.NAME.
 */
export interface LabelSelector {
  /**
   * Labels that must exist with exactly these values.
   */
  readonly matchLabels?: {
    readonly [k: string]: string;
  } | undefined;
  /**
   * Requirements. All of them must be met.
   *
   * Items: One requirement for a label.
   */
  readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

/**
 * One requirement for a label.
 */
export interface LabelSelectorRequirement {
  /**
   * Key of the label.
   */
  readonly key: string;
  /**
   * In, NotIn, Exists or DoesNotExist.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * Values for In and NotIn. Absent with Exists and DoesNotExist.
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
   * Share of new flows, relative to the weights of other backends. With 0 the backend takes no new flows. Without it, 100.
   */
  readonly weight?: number | undefined;
}

/**
 * One backend, as reported by the instances.
 */
export interface LoadBalancerBackendStatus {
  /**
   * Its address on the network.
   */
  readonly address: string;
  /**
   * Pod of the backend, as namespace/name. Absent for a backend by address.
   */
  readonly pod?: string | undefined;
  /**
   * Its share of new flows.
   */
  readonly weight: number;
  /**
   * Whether the backend takes new flows. False if at least one instance reports so.
   */
  readonly healthy: boolean;
  /**
   * When healthy last changed.
   */
  readonly since: string;
  /**
   * Healthy, NotChecked (there is no healthCheck), Starting (no check has succeeded yet, and fewer than unhealthyAfter have failed), CheckFailed, UnknownAddress (nobody on the network has the address, and no check has succeeded), Draining or NoWeight.
   */
  readonly reason: string;
  /**
   * What the last check says, if it failed or does not count yet.
   */
  readonly message?: string | undefined;
}

/**
 * The backends, either pods by label, or addresses.
 */
export interface LoadBalancerBackends {
  /**
   * Pods attached to the network, by label. An empty selector selects all. Ready pods take new flows. Without namespaceSelector, only pods of the load balancer's namespace. The annotation heddle.dev/weight of a pod, 0..256, sets its share; the default is 100.
   */
  readonly podSelector?: LabelSelector | undefined;
  /**
   * Namespaces of the pods, by label. An empty selector selects all namespaces.
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
 * An address that the load balancer no longer has.
 */
export interface LoadBalancerDrainingAddress {
  /**
   * The address.
   */
  readonly address: string;
  /**
   * When it was taken away.
   */
  readonly since: string;
}

/**
 * A Kubernetes Service in front of the instances, for clients outside the network. Backends see the load balancer's address instead of the addresses of these clients.
 */
export interface LoadBalancerExpose {
  /**
   * NodePort or LoadBalancer.
   */
  readonly type: 'NodePort' | 'LoadBalancer';
  /**
   * Requested ports of the nodes. The cluster allocates the ports of other listeners.
   *
   * Items: The node port of one listener.
   */
  readonly nodePorts?: readonly LoadBalancerNodePort[] | undefined;
  /**
   * With Cluster every node accepts clients. With Local only nodes with an instance do, and the client's address is preserved for affinity.
   */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /**
   * Annotations of the Service, for the cluster's provider of load balancers.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
}

/**
 * How instances check that a backend answers, through the network. If absent, every backend is treated as healthy; pods must still be ready.
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
   * Milliseconds after which a check fails. Default 200, or intervalMs if it is less.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Successful checks in a row after which an unhealthy backend takes new flows again.
   */
  readonly healthyAfter: number;
  /**
   * Failed checks in a row after which a backend is unhealthy. This takes at most intervalMs times this number, plus timeoutMs.
   */
  readonly unhealthyAfter: number;
}

/**
 * A GET request over HTTP/1.1.
 */
export interface LoadBalancerHttpCheck {
  /**
   * Path of the request.
   */
  readonly path: string;
  /**
   * Port of the backends that is checked. If absent, the targetPort of the first TCP listener.
   */
  readonly port?: number | undefined;
  /**
   * The status codes of a healthy backend, such as 200 or "200-399".
   */
  readonly expectedStatus: number | string;
}

/**
 * One port of the addresses, and the port of the backends.
 */
export interface LoadBalancerListener {
  /**
   * Name of the listener, for counters. Unique in the load balancer.
   */
  readonly name: string;
  /**
   * TCP or UDP.
   */
  readonly protocol: 'TCP' | 'UDP';
  /**
   * Port to which clients connect.
   */
  readonly port: number;
  /**
   * Port of the backends. If absent, the same as port. Several listeners may have the same targetPort; their flows do not use the fast path past the instances.
   */
  readonly targetPort?: number | undefined;
}

/**
 * The node port of one listener.
 */
export interface LoadBalancerNodePort {
  /**
   * Name of the listener.
   */
  readonly listener: string;
  /**
   * The port, in the node port range of the cluster.
   */
  readonly port: number;
}

/**
 * Addresses and listeners, backends, and the number of instances.
 */
export interface LoadBalancerSpec {
  /**
   * Desired number of instances.
   */
  readonly replicas: number;
  /**
   * Seconds that an instance that ends (fewer replicas, an upgrade) and a backend that is removed keep their flows at most. They take no new flows. An instance ends when its last flow has ended. Flows that remain after this time are reset. 0 ends them at once.
   */
  readonly drainSeconds: number;
  /**
   * Name of the VirtualNetwork, in the namespace of the load balancer. It cannot be changed.
   */
  readonly network: string;
  /**
   * Addresses at which clients reach the load balancer, one IPv4 address, one IPv6 address, or one of each. They must be free and inside the subnets of the network. If absent, the load balancer gets a free address of each IP version of the network, see status.addresses.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * A Kubernetes Service in front of the instances, for clients outside the network. Backends see the load balancer's address instead of the addresses of these clients.
   */
  readonly expose?: LoadBalancerExpose | undefined;
  /**
   * The ports to which clients connect.
   *
   * Items: One port of the addresses, and the port of the backends.
   */
  readonly listeners: readonly LoadBalancerListener[];
  /**
   * The backends, either pods by label, or addresses.
   */
  readonly backends: LoadBalancerBackends;
  /**
   * How the backend of a new flow is chosen. Maglev uses a hash of the flow and the weights, so all instances choose the same backend.
   */
  readonly algorithm: 'Maglev';
  /**
   * ClientIP sends all flows of a client's address to one backend while this backend is healthy.
   */
  readonly affinity: 'None' | 'ClientIP';
  /**
   * With affinity ClientIP, seconds after its last new flow for which a client keeps its backend when backends are added. Default 10800, three hours.
   */
  readonly affinitySeconds?: number | undefined;
  /**
   * What becomes of the established flows of an unhealthy backend. With Reset they are refused when unhealthyAfter checks in a row have failed, or when the pod has not been ready for drainSeconds. With Keep they continue as long as the pod exists, or the address is listed. New flows go to other backends in both cases. Without it, Reset.
   */
  readonly onUnhealthy?: 'Reset' | 'Keep' | undefined;
  /**
   * How instances check that a backend answers, through the network. If absent, every backend is treated as healthy; pods must still be ready.
   */
  readonly healthCheck?: LoadBalancerHealthCheck | undefined;
  /**
   * Settings of the pods.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * Last observed state of the load balancer.
 */
export interface LoadBalancerStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Current number of instances.
   */
  readonly replicas?: number | undefined;
  /**
   * Number of ready instances.
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
   * Addresses that an edit took away, by address. Established flows to them continue for drainSeconds, and are refused for one more minute. Nobody else gets such an address meanwhile.
   *
   * Items: An address that the load balancer no longer has.
   */
  readonly draining?: readonly LoadBalancerDrainingAddress[] | undefined;
  /**
   * Where clients outside the network reach the listeners, such as 203.0.113.7:80/TCP. NODE stands for every node of the cluster.
   */
  readonly externalAddresses?: readonly string[] | undefined;
  /**
   * Backends that take new flows, and all backends, such as 3/4.
   */
  readonly summary?: string | undefined;
  /**
   * The backends, by address. If there are more than 1,000, those that take no new flows come first.
   *
   * Items: One backend, as reported by the instances.
   */
  readonly backends?: readonly LoadBalancerBackendStatus[] | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * A connection that is opened and closed.
 */
export interface LoadBalancerTcpCheck {
  /**
   * Port of the backends that is checked. If absent, the targetPort of the first TCP listener.
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
 * Pods that may join the network.
 */
export interface NetworkAttach {
  /**
   * Same admits pods of the network's own namespace, All admits every pod, Selector admits pods of the namespaces that the selector matches.
   */
  readonly namespaces: 'Same' | 'All' | 'Selector';
  /**
   * Labels of the namespaces whose pods may join. Only with namespaces Selector.
   */
  readonly selector?: LabelSelector | undefined;
  /**
   * Most addresses that pods of other namespaces may have on the network. A pod that would have more does not start. Pods that have more already keep them.
   */
  readonly quota?: GuestQuota | undefined;
  /**
   * Whether pods that joined, and whose namespace may join no longer, are detached. Without it they stay, and the condition Admitted names them.
   */
  readonly evict?: boolean | undefined;
  /**
   * How long the deletion of the network waits for pods of other namespaces. After this time they are detached. Default 600. Pods of the network's own namespace are waited for without a limit.
   */
  readonly leaveSeconds?: number | undefined;
}

/**
 * One range.
 */
export interface NetworkRoute {
  /**
   * The range.
   */
  readonly cidr: string;
  /**
   * Set when the range overlaps the cluster's own ranges. Allowed, by spec.routes.clusterRanges; or Kept, since it was routed before the overlap or before the release that checks it. A pod of another namespace does not get what is Kept.
   */
  readonly clusterRanges?: 'Allowed' | 'Kept' | undefined;
}

/**
 * Which of the network's ranges are routed into its pods.
 */
export interface NetworkRoutes {
  /**
   * Whether a subnet, or a range behind a VPN of the network, that overlaps the cluster's own ranges (services, pods, nodes) is routed into pods. Deny keeps it out of them, and the condition Routed names it. With Allow, pods of this network reach the network in place of the cluster at these addresses.
   */
  readonly clusterRanges: 'Deny' | 'Allow';
}

/**
 * Affinity to nodes, by their labels.
 */
export interface NodeAffinity {
  /**
   * Nodes that may be used. At least one of the terms must match.
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
   * Addresses of the node for VXLAN, at most one of each IP family.
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
   * Packets dropped since the node started, by reason.
   */
  readonly drops?: {
    readonly [k: string]: number;
  } | undefined;
  /**
   * Ids of the instances on this node that do not forward, sorted.
   */
  readonly down?: readonly number[] | undefined;
  /**
   * Names of the nodes with instances of functions that this node cannot reach, sorted.
   */
  readonly unreachable?: readonly string[] | undefined;
  /**
   * Version of the agent.
   */
  readonly agentVersion?: string | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Nodes that may be used. At least one of the terms must match.
 */
export interface NodeSelector {
  /**
   * Terms. At least one must match.
   *
   * Items: Requirements. All of them must be met.
   */
  readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
}

/**
 * One requirement for a node.
 */
export interface NodeSelectorRequirement {
  /**
   * Key of the label or field.
   */
  readonly key: string;
  /**
   * In, NotIn, Exists, DoesNotExist, Gt or Lt.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /**
   * Values for the operator. Absent with Exists and DoesNotExist; one value with Gt and Lt.
   */
  readonly values?: readonly string[] | undefined;
}

/**
 * Requirements. All of them must be met.
 */
export interface NodeSelectorTerm {
  /**
   * Requirements for labels of the node.
   *
   * Items: One requirement for a node.
   */
  readonly matchExpressions?: readonly NodeSelectorRequirement[] | undefined;
  /**
   * Requirements for fields of the node.
   *
   * Items: One requirement for a node.
   */
  readonly matchFields?: readonly NodeSelectorRequirement[] | undefined;
}

/**
 * Pods near which the pods should run.
 */
export interface PodAffinity {
  /**
   * Terms that must be met.
   *
   * Items: Pods, and the topology domain.
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
 * Affinity to nodes and to other pods, as in any pod.
 */
export interface PodAffinityRules {
  /**
   * Affinity to nodes, by their labels.
   */
  readonly nodeAffinity?: NodeAffinity | undefined;
  /**
   * Pods near which the pods should run.
   */
  readonly podAffinity?: PodAffinity | undefined;
  /**
   * Pods near which the pods should not run.
   */
  readonly podAntiAffinity?: PodAffinity | undefined;
}

/**
 * Pods, and the topology domain.
 */
export interface PodAffinityTerm {
  /**
   * The pods, by label. The pods of this function have the label heddle.dev/function with the value customfunction.NAME.
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
   * Label of nodes. Nodes with the same value are one topology domain.
   */
  readonly topologyKey: string;
  /**
   * Keys of labels whose values must equal those of the pod itself.
   */
  readonly matchLabelKeys?: readonly string[] | undefined;
  /**
   * Keys of labels whose values must differ from those of the pod itself.
   */
  readonly mismatchLabelKeys?: readonly string[] | undefined;
}

/**
 * Resource requests and limits of the pod's containers, the init container too, as quotas and LimitRanges ask for. Beside a custom function's image, Heddle's own container has amounts of its own for the resources that are named here.
 */
export interface PodResources {
  /**
   * Requests, such as cpu 100m.
   */
  readonly requests?: {
    readonly [k: string]: number | string;
  } | undefined;
  /**
   * Limits, such as memory 256Mi.
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
   * UID of the pod, which distinguishes it from another pod of the same name.
   */
  readonly uid: string;
}

/**
 * The interface. A Port of a network has network, vni, addresses and mac. A Port of an instance has function and instance.
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
   * MAC address of the interface.
   */
  readonly mac?: string | undefined;
  /**
   * Id of the instance in the data path.
   */
  readonly instance?: number | undefined;
  /**
   * The function that the pod is an instance of, in the namespace of the Port.
   */
  readonly function?: FunctionRef | undefined;
  /**
   * Further address ranges that the pod may send from and receive for.
   */
  readonly prefixes?: readonly string[] | undefined;
  /**
   * Ranges that were routed in the network when the pod joined. Only for a pod of another namespace than the network's.
   */
  readonly joinedRoutes?: readonly string[] | undefined;
  /**
   * Ranges that may be routed by this interface, those of joinedRoutes that the network still has, and those that the pod accepts. Only for a pod of another namespace than the network's. If absent, all ranges of the network may be.
   */
  readonly routes?: readonly string[] | undefined;
  /**
   * Largest IP packet of the interface.
   */
  readonly mtu?: number | undefined;
}

/**
 * Last observed state of the interface. The operator sets Accepted, and the agent of the node sets Ready.
 */
export interface PortStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
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
   * Requirements. All of them must be met.
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
   * Pods, and the topology domain.
   */
  readonly podAffinityTerm: PodAffinityTerm;
}

/**
 * A key of a Secret of this namespace. Instances do not start before it exists.
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
 * The flows that the chain takes, and the functions that they pass.
 */
export interface ServiceChainSpec {
  /**
   * Name of the VirtualNetwork, in the namespace of the chain. It cannot be changed.
   */
  readonly network: string;
  /**
   * If several chains match a flow, the chain with the highest priority takes it; then the oldest; then the first by name.
   */
  readonly priority: number;
  /**
   * Sources that open the flows. If absent, everything on the network.
   *
   * Items: Sources or destinations of flows: pods by label, addresses, the peers of a VPN, or a load balancer.
   */
  readonly from?: readonly ChainEndpoint[] | undefined;
  /**
   * Destinations of the flows. If absent, everything on the network.
   *
   * Items: Sources or destinations of flows: pods by label, addresses, the peers of a VPN, or a load balancer.
   */
  readonly to?: readonly ChainEndpoint[] | undefined;
  /**
   * Protocols and destination ports of the flows. If absent, all.
   *
   * Items: A protocol, with a destination port or a range of destination ports.
   */
  readonly ports?: readonly ChainPort[] | undefined;
  /**
   * Through (the default) sends every packet through all functions. Straight is a fast path: when all functions have accepted a TCP or UDP flow, its packets bypass the functions for seconds at a time, which is several times as fast. The functions do not see those packets. Straight needs functions that only judge how a flow begins (a Firewall with stateful true), or a LoadBalancer that is the only function and all that to names.
   */
  readonly establishedFlows: 'Through' | 'Straight';
  /**
   * The functions that flows pass, in order. Replies pass them in reverse order.
   *
   * Items: One function, in the namespace of the chain.
   */
  readonly functions: readonly ChainFunction[];
}

/**
 * Last observed state of the chain.
 */
export interface ServiceChainStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Id of the chain's path in the data path. It never changes.
   */
  readonly pathId?: number | undefined;
  /**
   * Id of the path of clients outside the network, if the chain has functions before a load balancer with expose.
   */
  readonly outsidePathId?: number | undefined;
  /**
   * The functions in order, in short form, such as fw/edge.
   */
  readonly path?: string | undefined;
  /**
   * State of each function, in the order of spec.
   *
   * Items: State of one function of the chain.
   */
  readonly functions?: readonly ChainFunctionStatus[] | undefined;
  /**
   * Number of Ports of the network whose packets are classified for this chain.
   */
  readonly classifiedPorts?: number | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
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
   * Addresses of this subnet that no pod gets: an address, a range first-last, or a CIDR.
   */
  readonly reserved?: readonly string[] | undefined;
}

/**
 * Usage of one subnet.
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
   * Free addresses. At most 9007199254740991 is shown.
   */
  readonly available: number;
}

/**
 * One toleration.
 */
export interface Toleration {
  /**
   * Key of the taint. If absent, with operator Exists, all taints are tolerated.
   */
  readonly key?: string | undefined;
  /**
   * Equal compares the value, Exists ignores it.
   */
  readonly operator?: 'Equal' | 'Exists' | undefined;
  /**
   * Value of the taint. Absent with Exists.
   */
  readonly value?: string | undefined;
  /**
   * Effect of the taint. If absent, all effects.
   */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' | undefined;
  /**
   * Seconds that a pod stays on a node with a NoExecute taint. If absent, it stays.
   */
  readonly tolerationSeconds?: number | undefined;
}

/**
 * One spread constraint.
 */
export interface TopologySpreadConstraint {
  /**
   * How many more pods one topology domain may have than another.
   */
  readonly maxSkew: number;
  /**
   * Label of nodes. Nodes with the same value are one topology domain.
   */
  readonly topologyKey: string;
  /**
   * What happens to a pod that cannot meet the constraint.
   */
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  /**
   * The pods, by label. The pods of this function have the label heddle.dev/function with the value customfunction.NAME.
   */
  readonly labelSelector: LabelSelector;
  /**
   * Minimum number of topology domains.
   */
  readonly minDomains?: number | undefined;
  /**
   * Whether nodeSelector and affinity apply when topology domains are counted.
   */
  readonly nodeAffinityPolicy?: 'Honor' | 'Ignore' | undefined;
  /**
   * Whether taints apply when topology domains are counted.
   */
  readonly nodeTaintsPolicy?: 'Honor' | 'Ignore' | undefined;
  /**
   * Keys of labels whose values must equal those of the pod itself.
   */
  readonly matchLabelKeys?: readonly string[] | undefined;
}

/**
 * A Kubernetes Service in front of the gateway, for clients outside the cluster. If absent, only pods and nodes reach the gateway.
 */
export interface VPNExpose {
  /**
   * NodePort or LoadBalancer.
   */
  readonly type: 'NodePort' | 'LoadBalancer';
  /**
   * Requested port of the nodes.
   */
  readonly nodePort?: number | undefined;
  /**
   * With Cluster every node accepts clients, and the gateway does not see their addresses. After a takeover, clients reconnect after their own timeout of 15 seconds. With Local only the node of the active gateway accepts clients. After a takeover, the new gateway contacts the clients at once.
   */
  readonly externalTrafficPolicy: 'Cluster' | 'Local';
  /**
   * Annotations of the Service, for the cluster's provider of load balancers.
   */
  readonly annotations?: {
    readonly [k: string]: string;
  } | undefined;
}

/**
 * Keys and addresses of the peer, and whether it may connect.
 */
export interface VPNPeerSpec {
  /**
   * The VPN, in the namespace of the peer. It cannot be changed.
   */
  readonly vpn: string;
  /**
   * Public key of the peer, as wg pubkey prints it. If absent, a key pair is generated into the peer's Secret.
   */
  readonly publicKey?: string | undefined;
  /**
   * Requested addresses of the peer inside the tunnel, in the VPN's pool. For an IP version without a requested address, the peer gets a free address and keeps it.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * Networks behind the peer (a site), in addition to its addresses. Pods of the network reach them through the peer.
   */
  readonly allowedIPs?: readonly string[] | undefined;
  /**
   * With true, a preshared key is generated into the peer's Secret, which both ends need in addition to the key pair.
   */
  readonly presharedKey: boolean;
  /**
   * Time after which the peer may not connect, such as 2027-01-31T18:00:00Z. If absent, it never expires.
   */
  readonly expiresAt?: string | undefined;
  /**
   * With true, the peer may not connect. It keeps its addresses and keys.
   */
  readonly disabled: boolean;
}

/**
 * Last observed state of the peer.
 */
export interface VPNPeerStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * The peer's public key.
   */
  readonly publicKey?: string | undefined;
  /**
   * Addresses of the peer inside the tunnel. They change only when an edit takes them out of the pool, or asks for others.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * The Secret of the peer, in its namespace, with its keys and its WireGuard configuration file wg0.conf.
   */
  readonly secret?: string | undefined;
  /**
   * Time of the last handshake. A connected peer makes one every two minutes.
   */
  readonly lastHandshake?: string | undefined;
  /**
   * Endpoint from which the peer last sent.
   */
  readonly endpoint?: string | undefined;
  /**
   * Bytes received from the peer since the gateway became active.
   */
  readonly rxBytes?: number | undefined;
  /**
   * Bytes sent to the peer since the gateway became active.
   */
  readonly txBytes?: number | undefined;
  /**
   * Whether the last handshake was within the last three minutes.
   */
  readonly connected?: boolean | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Network, address pool and endpoint of the gateway, and what peers may reach.
 */
export interface VPNSpec {
  /**
   * The VirtualNetwork that peers reach, in the namespace of the VPN.
   */
  readonly network: string;
  /**
   * Address ranges for the addresses of peers. Each peer gets one address of each IP version. The ranges must be outside the subnets of the network. The gateway has the first address of each range.
   */
  readonly pool: readonly string[];
  /**
   * UDP port of the gateway, in its pod and at its Service.
   */
  readonly listenPort: number;
  /**
   * Endpoint in the clients' files, as host:port or [IPv6]:port. If absent, the address of the Service that expose creates.
   */
  readonly endpoint?: string | undefined;
  /**
   * A Kubernetes Service in front of the gateway, for clients outside the cluster. If absent, only pods and nodes reach the gateway.
   */
  readonly expose?: VPNExpose | undefined;
  /**
   * Address ranges that peers may reach through the gateway. If absent, the subnets of the network.
   */
  readonly routes?: readonly string[] | undefined;
  /**
   * Addresses of DNS servers for the clients' files.
   */
  readonly dns?: readonly string[] | undefined;
  /**
   * Largest IP packet inside the tunnel, at both ends. Outside the tunnel the packet is 60 bytes larger over IPv4 and 80 bytes larger over IPv6. The clients' network and the pods' own network must carry it without fragmentation.
   */
  readonly mtu: number;
  /**
   * Seconds after which an idle client sends a packet, so that NAT devices on the way keep its entry. 0 means never.
   */
  readonly keepalive: number;
  /**
   * Whether peers reach each other, and the networks behind each other, through the gateway.
   */
  readonly peerToPeer: boolean;
  /**
   * Desired number of gateways. One is active and serves the peers; the others stand by and take over if it fails.
   */
  readonly replicas: number;
  /**
   * Settings of the pods.
   */
  readonly pod?: FunctionPod | undefined;
}

/**
 * Last observed state of the gateway.
 */
export interface VPNStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * Current number of gateways.
   */
  readonly replicas?: number | undefined;
  /**
   * Number of ready gateways.
   */
  readonly readyReplicas?: number | undefined;
  /**
   * Label selector of the pods, as text.
   */
  readonly selector?: string | undefined;
  /**
   * Public key of the gateway. The private key is in a Secret that only the gateways read.
   */
  readonly publicKey?: string | undefined;
  /**
   * Endpoint to which clients send.
   */
  readonly endpoint?: string | undefined;
  /**
   * Addresses of the gateway inside the tunnel, the first of each range of the pool.
   */
  readonly addresses?: readonly string[] | undefined;
  /**
   * The pod of the active gateway.
   */
  readonly active?: string | undefined;
  /**
   * WireGuard implementation of the active gateway: Kernel, or Userspace (wireguard-go in the pod).
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
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}

/**
 * Desired state of the network.
 */
export interface VirtualNetworkSpec {
  /**
   * Address ranges of the network, IPv4 and IPv6. They must not overlap each other. They may overlap those of other networks and of the cluster.
   *
   * Items: One address range.
   */
  readonly subnets: readonly Subnet[];
  /**
   * Largest IP packet of an interface on this network. Default and maximum are the MTU of the nodes' network minus the encapsulation. With a larger value the condition Accepted is False.
   */
  readonly mtu?: number | undefined;
  /**
   * Requested VXLAN network identifier. If absent, a free one is allocated and kept in status. It cannot be changed.
   */
  readonly vni?: number | undefined;
  /**
   * Which of the network's ranges are routed into its pods.
   */
  readonly routes?: NetworkRoutes | undefined;
  /**
   * Pods that may join the network.
   */
  readonly attach: NetworkAttach;
}

/**
 * Last observed state of the network.
 */
export interface VirtualNetworkStatus {
  /**
   * The metadata.generation that this status describes.
   */
  readonly observedGeneration?: number | undefined;
  /**
   * VXLAN network identifier of this network. It never changes.
   */
  readonly vni?: number | undefined;
  /**
   * Largest IP packet that interfaces of this network have now.
   */
  readonly mtu?: number | undefined;
  /**
   * Usage of each subnet, and of removed ones in which Ports still have addresses.
   *
   * Items: Usage of one subnet.
   */
  readonly subnets?: readonly SubnetStatus[] | undefined;
  /**
   * Ranges that are routed into pods of this namespace. A pod of another namespace has those that were in this list when it joined, and those that it accepts.
   *
   * Items: One range.
   */
  readonly routes?: readonly NetworkRoute[] | undefined;
  /**
   * Number of Ports on the network.
   */
  readonly ports?: number | undefined;
  /**
   * Number of nodes with at least one Port of the network.
   */
  readonly nodes?: number | undefined;
  /**
   * Current conditions of this object, one entry for each type.
   *
   * Items: One condition of an object.
   */
  readonly conditions?: readonly Condition[] | undefined;
}
