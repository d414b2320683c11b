// SPDX-License-Identifier: Apache-2.0
import { functionLabelOf } from '../../api/function-names.ts';
import { splitKey } from '../../api/key.ts';
import {
  type Choice,
  type Classification,
  NOT_ROUTED,
  type TracedHop,
  type TraceNext,
  type TraceStep,
} from '../../api/trace.ts';
import type { FirewallVerdict, RatedRule } from '../../api/verdict.ts';
import { dropReasons } from '../drops/reasons.ts';
import type { Paint } from '../print/paint.ts';
import type { Resolved } from './resolve.ts';
import type { InstanceNext, Judgement, Leg, Way } from './walk.ts';

/** Pure: formats a way for people, one paragraph for each node. */
export function formatWay(resolved: Resolved, way: Way, paint: Paint): string {
  const lines = [headline(resolved), ''];
  let node: string | undefined;
  const width = Math.max(...way.legs.map(({ step }) => step.node.length)) + 3;
  for (const { step, judgement } of way.legs) {
    for (const line of describeLeg({ step, ...(judgement ? { judgement } : {}) }, resolved, paint)) {
      lines.push(`${(step.node === node ? '' : step.node).padEnd(width)}${line}`);
      node = step.node;
    }
  }
  lines.push('', describeEnd(way, paint));
  return `${lines.join('\n')}\n`;
}

function headline({ packet, network, sender, receiver, reply }: Resolved): string {
  const { source, destination, sourcePort, destinationPort } = packet;
  const ports =
    sourcePort === 0 && destinationPort === 0 ? '' : `, ports ${sourcePort} -> ${destinationPort}`;
  const what = reply ? 'the answer of' : 'from';
  return `${protocolName(packet.protocol)} ${source} -> ${destination}${ports}, ${what} ${sender} to ${receiver}, network ${network.namespace}/${network.name}`;
}

const NAMES: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6', 132: 'SCTP' };

function protocolName(protocol: number): string {
  return NAMES[protocol] ?? `protocol ${protocol}`;
}

function describeLeg({ step, judgement }: Leg, { sender }: Resolved, paint: Paint): readonly string[] {
  const { classification, skipped, next, note } = step;
  return [
    ...(note === undefined ? [] : [paint('yellow', note)]),
    ...(classification ? [`${sender} sends it`, describeClassification(classification, paint)] : []),
    ...skipped.map((hop) =>
      paint('yellow', `passes over ${hopName(hop)}: no instance takes it (onFailure: Open)`),
    ),
    describeNext(step, next, paint),
    ...(judgement ? describeJudgement(judgement, paint) : describeSilence(step, next)),
  ];
}

/** Describes a packet that enters a function without verdicts: what the function does to it is not known. */
function describeSilence(step: TraceStep, next: TraceNext): readonly string[] {
  const enters = next.kind === 'Instance' && next.toNode === step.node;
  return enters ? ['  taken to let it pass as it is'] : [];
}

function describeClassification(classification: Classification, paint: Paint): string {
  if (classification.kind === 'NoChain') return `no chain takes it: ${classification.why}`;
  const { chain, path, reply, why } = classification;
  const way = reply ? ', in its reply direction' : '';
  return `${paint('bold', `chain ${chain ?? '(unknown)'}`)} takes it${way} (path ${path}): ${why}`;
}

function describeNext(step: TraceStep, next: TraceNext, paint: Paint): string {
  switch (next.kind) {
    case 'Drop': {
      if (next.reason === NOT_ROUTED) return paint('red', next.detail);
      const at = next.hop ? ` at ${hopName(next.hop)}` : '';
      return paint('red', `drops it${at} (${next.reason}): ${next.detail}`);
    }
    case 'Port': {
      const whom = next.pod === undefined ? 'the owner of the address' : `pod ${next.pod}, ${next.interface}`;
      return next.toNode === step.node
        ? `delivers it to ${whom}`
        : `sends it to ${next.toNode ?? 'an unknown node'}, for ${whom}`;
    }
    case 'Instance':
      return describeInstance(step, next, paint);
  }
}

function describeInstance(step: TraceStep, next: InstanceNext, paint: Paint): string {
  const why = describeChoice(next.choice);
  const hop = paint('bold', hopName(next));
  const passed = next.bounces > 0 ? 'passes it on, since the instance is not here or down: ' : '';
  const verb = next.toNode === step.node ? 'into' : `sends it to ${next.toNode ?? 'an unknown node'}, for`;
  return `${passed}${verb} ${hop}: pod ${next.pod ?? '(unknown)'}, instance ${next.instance}${why === '' ? '' : ` (${why})`}`;
}

function describeChoice(choice: Choice): string {
  switch (choice.kind) {
    case 'Addressed':
      return '';
    case 'Pinned':
      return 'the flow has it';
    case 'Noted':
      return 'the flow came by it, another node noted';
    case 'Only':
      return `the only one that takes new flows${moved(choice.movedFrom)}`;
    case 'Hashed':
      return `by the hash of the flow, 1 of ${choice.among}${moved(choice.movedFrom)}`;
  }
}

function moved(from: number | undefined): string {
  return from === undefined ? '' : `; the flow had instance ${from}, which cannot take it`;
}

function hopName({ position, function: name }: TracedHop): string {
  return `hop ${position + 1}${name === undefined ? '' : ` ${name}`}`;
}

const ACTS = { Accept: 'accepts', Drop: 'drops', Reject: 'rejects' } as const;

function describeJudgement(judgement: Judgement, paint: Paint): readonly string[] {
  if (judgement.kind === 'Silent') return [paint('yellow', `  its verdict is not known: ${judgement.why}`)];
  const { verdict } = judgement;
  const colour = verdict.action === 'Accept' ? 'green' : 'red';
  return [...verdict.rated.map(describeRated), paint(colour, `  ${describeVerdict(verdict)}`)];
}

function describeRated({ name, action, perSecond, burst, per }: RatedRule): string {
  const each = per === 'Source' ? ' from each source' : '';
  return `  rule "${name}" ${ACTS[action]} ${perSecond} a second${each} (burst ${burst}); what is beyond goes on:`;
}

function describeVerdict({ action, by, established }: FirewallVerdict): string {
  const act = ACTS[action];
  switch (by.kind) {
    case 'Invalid':
      return 'it belongs to no flow and opens none: drops it';
    case 'Default':
      return established
        ? `an answer: no rule took its flow, and the default action ${act} it`
        : `no rule takes it: the default action ${act} it`;
    case 'Rule':
      return established
        ? `an answer: it passes as its flow did, by rule "${by.name}"`
        : `rule "${by.name}" ${act} it`;
  }
}

function describeEnd(way: Way, paint: Paint): string {
  const { end } = way;
  switch (end.kind) {
    case 'Delivered':
      return paint('green', `Delivered to pod ${end.pod ?? end.port ?? '(unknown)'}.`);
    case 'Dropped': {
      const todo = adviseOnDrop(way, end.reason);
      return `${paint('red', `Dropped on node ${end.node}: ${end.reason}.`)}${todo === '' ? '' : ` ${todo}`}`;
    }
    case 'Elsewhere':
      return paint('red', 'It is not sent on this network: no chain of it takes it.');
    case 'Balanced': {
      const [, name = ''] = end.function.split('/');
      const where = `kubectl get lb ${name} -o yaml lists them`;
      return paint(
        'green',
        `${end.function} sends it on to a backend of its choice (${where}); the answer comes back the same way.`,
      );
    }
    case 'Refused': {
      const verb = end.action === 'Reject' ? 'Rejected' : 'Dropped';
      return paint('red', `${verb} by pod ${end.pod ?? '(unknown)'}.`);
    }
    case 'Lost':
      return paint('yellow', `The way could not be followed beyond node ${end.node}: ${end.why}.`);
  }
}

/** The advice on a dropped packet. Where the hop is known, it names the pods of the hop. */
function adviseOnDrop({ legs }: Way, reason: string): string {
  const next = legs.at(-1)?.step.next;
  const [kind, name] = (next?.kind === 'Drop' ? next.hop?.function : undefined)?.split('/') ?? [];
  const classified = legs[0]?.step.classification;
  const chain = classified?.kind === 'Chain' ? classified.chain : undefined;
  if (reason !== 'hop_down' || !kind || !name || !chain) return dropReasons[reason]?.todo ?? '';
  const { namespace } = splitKey(chain);
  return `kubectl -n ${namespace} get pods -l heddle.dev/function=${functionLabelOf(kind, name)}`;
}
