// SPDX-License-Identifier: Apache-2.0
import type { DropReason } from '../../api/context/generated/context.ts';

/** The importance of a drop. */
export type Weight =
  /** Every network has such packets, and no receiver expects them. */
  | 'Usual'
  /** A sender sends what it may not send, or what cannot be delivered. */
  | 'Sender'
  /** A packet that should have arrived was lost. */
  | 'Loss';

export interface Explanation {
  readonly weight: Weight;
  readonly means: string;
  /** What the user should do; empty when there is nothing to do. */
  readonly todo: string;
}

const explanations: Readonly<Record<Exclude<DropReason, 'none'>, Explanation>> = {
  malformed: {
    weight: 'Sender',
    means: 'the headers are cut short or contradict each other',
    todo: 'Capture on the pod that sends them: tcpdump -eni net1',
  },
  vlan: {
    weight: 'Sender',
    means: 'the frame has a VLAN tag, which virtual networks do not carry',
    todo: 'Send without the tag; a network of its own does what a VLAN does.',
  },
  not_ip: { weight: 'Usual', means: 'neither IPv4, IPv6 nor ARP', todo: '' },
  unknown_port: {
    weight: 'Loss',
    means: 'the interface that it came from is no Port (any more)',
    todo: 'Usual while a pod ends; when it lasts, see the log of the agent.',
  },
  spoofed_mac: {
    weight: 'Sender',
    means: "the source MAC is not the Port's own",
    todo: 'A bridge or a virtual machine in the pod? Its MAC must be that of the Port (mac in the annotation).',
  },
  spoofed_source: {
    weight: 'Sender',
    means: "the source address is neither the Port's own nor in one of its prefixes",
    todo: 'See which addresses the Port has: kubectl get ports -A',
  },
  multicast: { weight: 'Usual', means: 'broadcast or multicast, which networks do not carry', todo: '' },
  unknown_destination: {
    weight: 'Sender',
    means: 'no Port of the network has the address',
    todo: 'Is the pod there and its Port Ready? kubectl get ports -A',
  },
  no_neighbour: {
    weight: 'Usual',
    means: 'ARP or neighbour discovery for an address that nobody has',
    todo: '',
  },
  unknown_vtep: {
    weight: 'Sender',
    means: 'VXLAN from an address that is no node of the cluster',
    todo: 'Another overlay on the same UDP port? Choose another agent.vxlanPort of the chart.',
  },
  unknown_network: {
    weight: 'Loss',
    means: 'for a network that this node does not have',
    todo: 'Usual for a moment when the last pod of a network leaves the node; when it lasts, see the log of the agent.',
  },
  unknown_path: {
    weight: 'Loss',
    means: 'for a chain that this node does not have',
    todo: 'Usual for a moment when a chain changes; when it lasts, compare the condition Programmed of the chain.',
  },
  wrong_context: {
    weight: 'Loss',
    means: 'an instance spoke for a chain that it is not (or no longer) a hop of',
    todo: 'Usual for a moment when a chain changes; when it lasts, see the pod of the function.',
  },
  hop_down: {
    weight: 'Loss',
    means: 'no instance of the hop can take it, and the hop says onFailure: Closed',
    todo: 'See which hop: kubectl heddle drops. Then the pods of its function.',
  },
  unknown_fragment: {
    weight: 'Sender',
    means: 'a fragment whose first one was not seen',
    todo: 'Packets that need no fragments: lower the MTU of the sender, or use the MTU of the network.',
  },
  too_big: {
    weight: 'Usual',
    means: 'larger than the MTU of the network; the sender was told by ICMP',
    todo: '',
  },
  no_context: {
    weight: 'Usual',
    means: "a packet of the function's own pod on chain0, which is for chains only",
    todo: '',
  },
  redirect: {
    weight: 'Loss',
    means: 'the interface or tunnel that it should have gone to is missing',
    todo: 'See the log of the agent of the node.',
  },
  contended: {
    weight: 'Loss',
    means: 'the policy, or what is known of its flow, was replaced again and again while it was classified',
    todo: 'Usual for a moment while chains are edited in a hurry; when it lasts, see who edits them.',
  },
  spoofed_error: {
    weight: 'Sender',
    means:
      'an ICMP error about a packet that its sender was not sent, or for another than who sent that packet',
    todo: 'A pod that routes for others needs their addresses as prefixes of its Port.',
  },
  off_path: {
    weight: 'Loss',
    means: 'an instance sent it to a pod, but its source or its destination is no end of the chain',
    todo: 'Usual for a moment when a chain changes; when it lasts, see the pod of the function, and what it rewrites.',
  },
  no_source_port: {
    weight: 'Loss',
    means:
      'the pod has a flow to a load balancer or a backend from the same source port, and no other port was free for this one',
    todo: 'Have the pod keep connections, or give it fewer targets: it has used up some 28,000 ports in a few minutes.',
  },
};

/**
 * The explanations of drop reasons, by the name of the counter. An agent of another release may have counters that are
 * not explained here.
 */
export const dropReasons: Readonly<Record<string, Explanation>> = explanations;

/** Formats the table of docs/troubleshooting.md. */
export function formatReasonsTable(): string {
  const rows = Object.entries(dropReasons).map(
    ([reason, { means, todo }]) => `| \`${reason}\` | ${means} | ${todo} |\n`,
  );
  return `| reason | what it means | what to do |\n|---|---|---|\n${rows.join('')}`;
}
