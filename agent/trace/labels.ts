// SPDX-License-Identifier: Apache-2.0
import type { ChainSlice, Port } from '../../api/index.ts';
import { joinKey, keyOf } from '../../api/key.ts';
import { addressesOf, sameAddress } from '../../api/net/address.ts';
import { macOfBytes, parseMac, sameMac } from '../../api/net/mac.ts';
import { addressOfMapped } from '../../api/net/mapped.ts';
import type { Classification, TracedHop, TraceNext, TraceStep } from '../../api/trace.ts';
import type { AgentStores } from '../observe/stores.ts';
import { type AddressBytes, type Endpoint, RULE_F_REPLY, type Rule } from '../render/generated/layout.ts';
import type { Match } from './classify.ts';
import type { Outcome, Step } from './outcome.ts';

/** Finds the names of objects by their numbers in the maps. A number without an object has no name. */
export interface Names {
  readonly node: string;
  readonly stores: Pick<AgentStores, 'ports' | 'slices' | 'nodes'>;
}

/** Adds names to a step. The step itself comes from the kernel's maps alone; only the names come from the stores. */
export function labelStep(step: Step, names: Names): TraceStep {
  const head = step.path === undefined ? undefined : headOf(step.path, names);
  const classification = step.classified && labelMatch(step.classified, names);
  return {
    node: names.node,
    ...(classification ? { classification } : {}),
    skipped: step.skipped.map((position) => labelHop(position, head)),
    next: labelOutcome(step.outcome, names),
  };
}

function labelMatch(
  { match, reply }: { readonly match: Match; readonly reply: boolean },
  names: Names,
): Classification {
  if (match.kind === 'None') return { kind: 'NoChain', why: match.why };
  const head = headOf(match.path, names);
  return {
    kind: 'Chain',
    chain: head && `${head.metadata.namespace}/${head.spec.chain}`,
    path: match.path,
    reply,
    why: whyOf(match.rule, reply),
  };
}

function whyOf(rule: Rule, reply: boolean): string {
  const ends = reply
    ? 'the source is in its `to`, the destination in its `from`'
    : 'the source is in its `from`, the destination in its `to`';
  if (rule.protocol === 0) return `${ends}, and it takes everything`;
  const side = rule.flags & RULE_F_REPLY ? 'source' : 'destination';
  const ports = rule.portFirst === rule.portLast ? `${rule.portFirst}` : `${rule.portFirst}-${rule.portLast}`;
  const all = rule.portFirst === 0 && rule.portLast === 65535;
  return `${ends}, and it takes protocol ${rule.protocol}${all ? '' : `, ${side} port ${ports}`}`;
}

function labelOutcome(outcome: Outcome, names: Names): TraceNext {
  switch (outcome.kind) {
    case 'Drop': {
      const { reason, detail, at } = outcome;
      return {
        kind: 'Drop',
        reason,
        detail,
        ...(at ? { hop: labelHop(at.position, headOf(at.path, names)) } : {}),
      };
    }
    case 'Port': {
      const port = portOfEndpoint(outcome.vni, outcome.endpoint, names);
      return {
        kind: 'Port',
        vni: outcome.vni,
        port: port && keyOf(port),
        pod: port && podOf(port),
        interface: port?.spec.interface,
        toNode: nodeOf(outcome.endpoint, names),
      };
    }
    case 'Instance': {
      const { id, instance, choice, travel, vni } = outcome;
      const [port] = names.stores.ports.byIndex('instance', String(id));
      const { path, position, reply, emitter, emitterPosition, bounces } = travel;
      return {
        kind: 'Instance',
        vni,
        path,
        position,
        reply,
        instance: id,
        function: labelHop(position, headOf(path, names)).function,
        pod: port && podOf(port),
        toNode: nodeOf(instance, names),
        choice,
        emitter,
        emitterPosition,
        bounces,
      };
    }
  }
}

/** The slice with the hops of a path. Path ids are unique in the cluster. */
function headOf(path: number, { stores }: Names): ChainSlice | undefined {
  for (const slice of stores.slices.values()) {
    if (slice.spec.pathId === path && slice.spec.slice === 0) return slice;
  }
  return undefined;
}

function labelHop(position: number, head: ChainSlice | undefined): TracedHop {
  const hop = head?.spec.hops?.[position];
  return { position, function: hop && `${hop.kind}/${hop.name}` };
}

function portOfEndpoint(vni: number, { mac }: Endpoint, { stores }: Names): Port | undefined {
  const wanted = macOfBytes(mac);
  for (const port of stores.ports.values()) {
    if (port.spec.vni === vni && port.spec.mac !== undefined && sameMac(parseMac(port.spec.mac), wanted))
      return port;
  }
  return undefined;
}

function nodeOf(
  { ifindex, vtep }: { readonly ifindex: number; readonly vtep: AddressBytes },
  { node, stores }: Names,
): string | undefined {
  if (ifindex !== 0) return node;
  const wanted = addressOfMapped(vtep);
  for (const { metadata, status } of stores.nodes.values()) {
    if (addressesOf(status.internalIPs).some((address) => sameAddress(address, wanted))) {
      return metadata.name;
    }
  }
  return undefined;
}

function podOf({ metadata, spec }: Port): string {
  return joinKey(metadata.namespace, spec.pod.name);
}
