// SPDX-License-Identifier: Apache-2.0
import type { FirewallEndpoint, FirewallRule, FirewallSpec } from '../../../api/index.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { containsAddress, parsePrefixOrAddress } from '../../../api/net/prefix.ts';
import { selectorKey } from '../../../api/selector-key.ts';
import type { Packet } from './packets.ts';

/** The verdict on one packet, and the counter that grows. */
export interface Judgement {
  readonly verdict: 'Accept' | 'Drop' | 'Reject';
  /** Name of a rule, `default-action` or `invalid-state`; absent for packets of known flows. */
  readonly counted: string | undefined;
}

/** Pods by selector key and path. */
export type Pods = Readonly<Record<string, Readonly<Record<number, readonly string[]>>>>;

interface Flow {
  readonly opener: string;
  replied: boolean;
}

/**
 * The meaning of a firewall as `kubectl explain` describes it, packet by packet: rules from the first to the last,
 * flows in a map. It shares no code with the renderer and does not use nftables.
 */
export class Model {
  readonly #spec: FirewallSpec;
  readonly #pods: Pods;
  readonly #flows = new Map<string, Flow>();
  readonly #spent = new Map<string, number>();

  constructor(spec: FirewallSpec, pods: Pods) {
    this.#spec = spec;
    this.#pods = pods;
  }

  judge(packet: Packet): Judgement {
    if (packet.context.probe) return { verdict: 'Accept', counted: undefined };
    if (!this.#spec.stateful) return this.#byRules(packet);
    const here = ends(packet);
    const flow = this.#flows.get(flowOf(packet));
    if (!flow) {
      if (!opensFlow(packet)) return { verdict: 'Drop', counted: 'invalid-state' };
      const judgement = this.#byRules(packet);
      if (judgement.verdict === 'Accept') this.#flows.set(flowOf(packet), { opener: here, replied: false });
      return judgement;
    }
    if (flow.opener !== here) {
      flow.replied = true;
      return { verdict: 'Accept', counted: undefined };
    }
    if (!flow.replied || (isIcmp(packet) && this.#ratesIcmp())) return this.#byRules(packet);
    return { verdict: 'Accept', counted: undefined };
  }

  #byRules(packet: Packet): Judgement {
    for (const rule of this.#spec.rules ?? []) {
      if (this.#matches(rule, packet)) return { verdict: rule.action, counted: rule.name };
    }
    return { verdict: this.#spec.defaultAction, counted: 'default-action' };
  }

  #matches(rule: FirewallRule, packet: Packet): boolean {
    return (
      (rule.protocol === undefined || rule.protocol === packet.protocol) &&
      this.#isEndpoint(rule.source, packet.source, packet) &&
      this.#isEndpoint(rule.destination, packet.destination, packet) &&
      isPort(rule.sourcePorts, packet.sourcePort) &&
      isPort(rule.destinationPorts, packet.destinationPort) &&
      (rule.icmpTypes === undefined || rule.icmpTypes.includes(packet.icmpType)) &&
      this.#isWithinRate(rule, packet)
    );
  }

  #isEndpoint(endpoint: FirewallEndpoint | undefined, address: string, packet: Packet): boolean {
    if (!endpoint) return true;
    const lists = [
      ...(endpoint.cidrs ?? []),
      ...(this.#spec.sets ?? []).filter((set) => set.name === endpoint.set).flatMap((set) => set.cidrs ?? []),
    ];
    const selector = endpoint.podSelector && selectorKey({ podSelector: endpoint.podSelector });
    const pods = selector === undefined ? [] : (this.#pods[selector]?.[packet.context.path] ?? []);
    const inside = [...lists, ...pods].some((text) =>
      containsAddress(parsePrefixOrAddress(text), parseAddress(address)),
    );
    return inside !== (endpoint.not === true);
  }

  /** A test takes less than the second in which one more packet would be allowed. */
  #isWithinRate(rule: FirewallRule, packet: Packet): boolean {
    if (!rule.rate) return true;
    const { per = 'Rule', burst = 5 } = rule.rate;
    const whose = per === 'Rule' ? rule.name : `${rule.name} ${packet.context.path} ${packet.source}`;
    const spent = this.#spent.get(whose) ?? 0;
    if (spent >= burst) return false;
    this.#spent.set(whose, spent + 1);
    return true;
  }

  #ratesIcmp(): boolean {
    return (this.#spec.rules ?? []).some(
      (rule) => rule.rate && (rule.protocol === 'ICMP' || rule.protocol === 'ICMPv6'),
    );
  }
}

function isPort(ports: readonly (number | string)[] | undefined, port: number): boolean {
  if (!ports) return true;
  return ports.some((each) => {
    const [first, last = first] = String(each).split('-');
    return port >= Number(first) && port <= Number(last);
  });
}

function isIcmp(packet: Packet): boolean {
  return packet.protocol === 'ICMP' || packet.protocol === 'ICMPv6';
}

/**
 * Whether a packet opens a flow: echo and timestamp requests, a SYN, and any packet of protocols without a beginning.
 */
function opensFlow(packet: Packet): boolean {
  if (packet.protocol === 'ICMP') return packet.icmpType === 8 || packet.icmpType === 13;
  if (packet.protocol === 'ICMPv6') return packet.icmpType === 128;
  return packet.protocol !== 'TCP' || packet.flags !== 'SYN-ACK';
}

const REQUEST_OF: Readonly<Record<number, number>> = { 0: 8, 14: 13, 129: 128 };

/** The name of a flow: both directions have the same, and a flow of another path has another. */
function flowOf(packet: Packet): string {
  const sides = [
    side(packet.source, packet.sourcePort, packet),
    side(packet.destination, packet.destinationPort, packet),
  ];
  const kind = isIcmp(packet) ? (REQUEST_OF[packet.icmpType] ?? packet.icmpType) : 0;
  // A request in the other direction is another flow, not a reply.
  const sorted = isIcmp(packet) ? (packet.icmpType in REQUEST_OF ? sides.reverse() : sides) : sides.sort();
  return [packet.context.path, packet.protocol, kind, isIcmp(packet) ? packet.sourcePort : 0, ...sorted].join(
    ' ',
  );
}

function side(address: string, port: number, packet: Packet): string {
  return isIcmp(packet) || packet.protocol === 'Other' ? address : `${address}|${port}`;
}

/** The ends of a packet, with the sender first, which identifies the opener of a flow. */
function ends(packet: Packet): string {
  return side(packet.source, packet.sourcePort, packet);
}
