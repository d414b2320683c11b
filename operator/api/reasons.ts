// The one table of every reason that a condition or an Event of ours can carry. `docs/reasons.md` is checked
// against it by a unit test. Keep it sorted by kind, then by place, then by reason.
//
// A row is also a type: conditions.ts accepts only combinations of kind, condition, status and reason that
// stand here, so that a reason cannot be used where it is not documented.

interface Row {
  /** Kind of the object that carries the condition or that the Event is about. */
  readonly kind: string;
  /** Where it is seen: the condition's type, or `Event`. */
  readonly on: 'Accepted' | 'ResolvedRefs' | 'Programmed' | 'Ready' | 'Shadowed' | 'Event';
  /** The condition's status, or the Event's type. */
  readonly status: 'True' | 'False' | 'Unknown' | 'Normal' | 'Warning';
  readonly reason: string;
  readonly means: string;
  /** What a person does about it; empty when nothing is wrong. */
  readonly todo: string;
}

export const REASONS = [
  {
    kind: 'Firewall',
    on: 'Accepted',
    status: 'False',
    reason: 'InvalidSpec',
    means:
      'A field of the firewall cannot be honoured; the message names it. The instances keep the last ruleset that was good.',
    todo: 'Correct the field that the message names.',
  },
  {
    kind: 'Firewall',
    on: 'Accepted',
    status: 'True',
    reason: 'Valid',
    means: 'The rules and sets make sense.',
    todo: '',
  },
  {
    kind: 'Firewall',
    on: 'Programmed',
    status: 'False',
    reason: 'InstanceError',
    means:
      'An instance could not load the ruleset; the message has its error and the field. It keeps the last one that was good.',
    todo: 'Correct the field that the message names.',
  },
  {
    kind: 'Firewall',
    on: 'Programmed',
    status: 'False',
    reason: 'InstancesBehind',
    means: 'Some ready instances have not yet reported the current generation and its peers.',
    todo: 'Wait; when it lasts, look at the pods that the message names.',
  },
  {
    kind: 'Firewall',
    on: 'Programmed',
    status: 'False',
    reason: 'NoInstances',
    means: 'No instance is ready, so none has the rules.',
    todo: 'See the pods of the firewall: the message has their label.',
  },
  {
    kind: 'Firewall',
    on: 'Programmed',
    status: 'True',
    reason: 'InstancesReported',
    means: 'Every ready instance has reported the current generation.',
    todo: '',
  },
  {
    kind: 'Firewall',
    on: 'Ready',
    status: 'False',
    reason: 'InstancesMissing',
    means: 'Fewer instances are ready than `spec.replicas` wants.',
    todo: 'See the pods of the firewall: the message has their label.',
  },
  {
    kind: 'Firewall',
    on: 'Ready',
    status: 'False',
    reason: 'NotAccepted',
    means: 'The condition Accepted is not True.',
    todo: 'See the condition Accepted.',
  },
  {
    kind: 'Firewall',
    on: 'Ready',
    status: 'False',
    reason: 'NotProgrammed',
    means: 'The condition Programmed is not True.',
    todo: 'See the condition Programmed.',
  },
  {
    kind: 'Firewall',
    on: 'Ready',
    status: 'False',
    reason: 'NotResolved',
    means: 'The condition ResolvedRefs is not True.',
    todo: 'See the condition ResolvedRefs.',
  },
  {
    kind: 'Firewall',
    on: 'Ready',
    status: 'True',
    reason: 'Ready',
    means: 'Every instance that is wanted is ready and has the current rules.',
    todo: '',
  },
  {
    kind: 'Firewall',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'ConfigMapInvalid',
    means: 'A ConfigMap that a set names has no key or line that can be read; the message names it.',
    todo: 'Correct the ConfigMap; the firewall reads it again by itself.',
  },
  {
    kind: 'Firewall',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'ConfigMapNotFound',
    means: 'A ConfigMap that a set names does not exist in the firewall’s namespace.',
    todo: 'Create the ConfigMap or correct `sets[].configMapRef`.',
  },
  {
    kind: 'Firewall',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'PeersTooLarge',
    means: 'The pods that the rules select have more addresses than one ConfigMap can hold.',
    todo: 'Select fewer pods, or use `cidrs` in place of `podSelector`.',
  },
  {
    kind: 'Firewall',
    on: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    means: 'Everything that the firewall names exists.',
    todo: '',
  },
  {
    kind: 'NodeReport',
    on: 'Ready',
    status: 'True',
    reason: 'AgentRunning',
    means: 'The agent keeps the data path of this node.',
    todo: '',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'AddressInUse',
    means: 'The annotation asks for an address or a MAC that another Port of the network holds.',
    todo: 'Ask for another, leave it out, or remove the pod that the message names.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'AddressNotAllowed',
    means:
      'The annotation asks for an address that the network cannot give: outside its subnets, reserved, or the network or broadcast address of a subnet.',
    todo: 'Ask for an address inside a subnet of the network, or leave `ips` out.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'FunctionNotFound',
    means: 'The label heddle.dev/function of the pod names no function of its namespace.',
    todo: 'Remove the label (it is the operator’s own), or create the function.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'HostNetworkIgnored',
    means:
      'The pod uses the network of its node, so it has no namespace of its own to put an interface into.',
    todo: 'Remove `hostNetwork: true` or the networks annotation.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InstancesExhausted',
    means: 'All 65535 instance ids are in use by function pods.',
    todo: 'Reduce the replicas of functions; ids return when their pods are gone.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InterfaceKept',
    means: 'The annotation was changed after the interface was made; the pod keeps what it has.',
    todo: 'Make the pod anew, or put the annotation back.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'InvalidAnnotation',
    means: 'The annotation k8s.v1.cni.cncf.io/networks cannot be understood; the message names the element.',
    todo: 'Correct the annotation; the pod starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NamespaceNotAllowed',
    means: 'The network does not let pods of this namespace join (`spec.attach`).',
    todo: 'Allow the namespace in the network, or use a network of the pod’s own namespace.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkDeleting',
    means: 'The network is being deleted and takes no new pods.',
    todo: 'Use another network, or wait until it is gone and create it anew.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkNotAccepted',
    means: 'The network exists and is not accepted; its condition Accepted says why.',
    todo: 'Mend the network; the pod starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'NetworkNotFound',
    means: 'The annotation names a VirtualNetwork that does not exist.',
    todo: 'Create the network or correct the name; the pod starts by itself.',
  },
  {
    kind: 'Pod',
    on: 'Event',
    status: 'Warning',
    reason: 'SubnetExhausted',
    means: 'Every subnet of one address family of the network is full.',
    todo: 'Add a subnet to the network or remove pods; the waiting pods start by themselves.',
  },
  {
    kind: 'Port',
    on: 'Accepted',
    status: 'True',
    reason: 'ClaimHolds',
    means: 'The addresses, the MAC and the instance id of this Port belong to it alone.',
    todo: '',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'False',
    reason: 'Detached',
    means:
      'The pod has no interface on its node: not yet, or not any more. Of a pod that ended it says that its addresses may be given again.',
    todo: '',
  },
  {
    kind: 'Port',
    on: 'Ready',
    status: 'True',
    reason: 'Attached',
    means: 'The interface is in the pod and programmed on its node.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Accepted',
    status: 'False',
    reason: 'PathIdsExhausted',
    means: 'All 65535 path ids are in use by other chains.',
    todo: 'Remove chains that are not needed; the chain gets its id by itself.',
  },
  {
    kind: 'ServiceChain',
    on: 'Accepted',
    status: 'True',
    reason: 'Valid',
    means: 'The chain makes sense and has its path id.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'NodesBehind',
    means:
      'Some nodes with Ports or instances of the chain have not yet reported its slices at their current generation.',
    todo: 'Wait; when it lasts, look at the agent of the nodes that the message names.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'False',
    reason: 'NotCompiled',
    means: 'Nothing of the chain is on the nodes: its network or its path id is missing.',
    todo: 'See the conditions Accepted and ResolvedRefs.',
  },
  {
    kind: 'ServiceChain',
    on: 'Programmed',
    status: 'True',
    reason: 'NodesReported',
    means:
      'Every node with a Port of `from` or `to` or an instance of the functions has the chain in the kernel.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'HopFailed',
    means: 'A function of the chain has no instance that takes packets; its `onFailure` applies.',
    todo: 'See the function that the message names.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotAccepted',
    means: 'The condition Accepted is not True.',
    todo: 'See the condition Accepted.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotProgrammed',
    means: 'The condition Programmed is not True.',
    todo: 'See the condition Programmed.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'False',
    reason: 'NotResolved',
    means: 'The condition ResolvedRefs is not True.',
    todo: 'See the condition ResolvedRefs.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'True',
    reason: 'Degraded',
    means: 'The chain works; a function has fewer ready instances than it wants.',
    todo: 'See the function that the message names.',
  },
  {
    kind: 'ServiceChain',
    on: 'Ready',
    status: 'True',
    reason: 'Ready',
    means: 'Flows of the chain go through all of its functions.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'FunctionNotFound',
    means:
      'A function that the chain names does not exist. The traffic that the chain classifies meets `onFailure` of that hop.',
    todo: 'Create the function, or correct `functions[]`.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotAccepted',
    means: 'The network exists and has no VNI yet; its condition Accepted says why.',
    todo: 'Mend the network; the chain goes on by itself.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    means: 'The VirtualNetwork that the chain names does not exist in its namespace.',
    todo: 'Create the network, or correct `spec.network`.',
  },
  {
    kind: 'ServiceChain',
    on: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    means: 'Everything that the chain names exists.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Shadowed',
    status: 'False',
    reason: 'NotShadowed',
    means: 'No single chain of higher precedence takes all the flows of this one.',
    todo: '',
  },
  {
    kind: 'ServiceChain',
    on: 'Shadowed',
    status: 'True',
    reason: 'ShadowedByChain',
    means:
      'A chain of higher precedence takes every flow that this one would take, so this one never sees a packet.',
    todo: 'Raise `spec.priority`, narrow the other chain, or remove one of the two.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'False',
    reason: 'InvalidSpec',
    means: 'A field of the network cannot be honoured; the message names it.',
    todo: 'Correct the field that the message names.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'False',
    reason: 'MtuTooLarge',
    means: '`spec.mtu` is larger than the smallest underlay of the nodes less the encapsulation.',
    todo: 'Lower or remove `spec.mtu`, or raise the MTU of the nodes.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'False',
    reason: 'SubnetInUse',
    means:
      'A subnet was removed or shrunk while Ports hold addresses of it. They keep them and go on working.',
    todo: 'Put the subnet back, or remove the pods that the message names.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'False',
    reason: 'VniConflict',
    means: 'Another network holds the VNI that `spec.vni` pins; the older one keeps it.',
    todo: 'Create the network anew with another VNI or without a pin, or remove the other network.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'False',
    reason: 'VnisExhausted',
    means: 'No VNI of 1..16777215 is free.',
    todo: 'Remove networks that are not needed.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Accepted',
    status: 'True',
    reason: 'Valid',
    means: 'The network makes sense and has its VNI.',
    todo: '',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Event',
    status: 'Normal',
    reason: 'WaitingForPorts',
    means: 'The network is being deleted and waits for the pods that the message names.',
    todo: 'Remove the pods; the network goes by itself.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Programmed',
    status: 'False',
    reason: 'NodesBehind',
    means: 'Some nodes with Ports of the network have not yet reported it at its current generation.',
    todo: 'Wait; when it lasts, look at the agent of the nodes that the message names.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Programmed',
    status: 'True',
    reason: 'NodesReported',
    means: 'Every node with Ports of the network has reported it at its current generation.',
    todo: '',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Ready',
    status: 'False',
    reason: 'NotAccepted',
    means: 'The condition Accepted is not True.',
    todo: 'See the condition Accepted.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Ready',
    status: 'False',
    reason: 'NotProgrammed',
    means: 'The condition Programmed is not True.',
    todo: 'See the condition Programmed.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Ready',
    status: 'False',
    reason: 'WaitingForPorts',
    means: 'The network is being deleted and waits for the pods that the message names.',
    todo: 'Remove the pods; the network goes by itself.',
  },
  {
    kind: 'VirtualNetwork',
    on: 'Ready',
    status: 'True',
    reason: 'Ready',
    means: 'Pods can join, and those that did are connected.',
    todo: '',
  },
] as const satisfies readonly Row[];

export type ReasonRow = (typeof REASONS)[number];
export type ReasonKind = ReasonRow['kind'];

type ConditionRow<K extends ReasonKind> = Exclude<Extract<ReasonRow, { kind: K }>, { on: 'Event' }>;
type EventRow<K extends ReasonKind> = Extract<ReasonRow, { kind: K; on: 'Event' }>;

/** What a check concluded about one condition of a kind: only combinations of the table type-check. */
export type Verdict<K extends ReasonKind> =
  ConditionRow<K> extends infer R
    ? R extends { on: infer T; status: infer S; reason: infer N }
      ? { readonly type: T; readonly status: S; readonly reason: N; readonly message: string }
      : never
    : never;

/** What an Event about a kind may say: only rows of the table type-check. */
export type Remark<K extends ReasonKind> =
  EventRow<K> extends infer R
    ? R extends { status: infer S; reason: infer N }
      ? { readonly type: S; readonly reason: N; readonly message: string }
      : never
    : never;
