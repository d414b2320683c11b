// SPDX-License-Identifier: Apache-2.0
import { checkHops, checkInstances } from './chains.ts';
import { checkConditions } from './conditions.ts';
import { checkDrops } from './drops.ts';
import { checkHidden } from './hidden.ts';
import { checkPorts } from './ports.ts';
import { checkServices } from './services.ts';
import { checkNodes, checkOperator } from './system.ts';
import { checkVpns, countVpns } from './vpns.ts';
import { checkWaiting } from './waiting.ts';
import { type Finding, seen, type World } from './world.ts';

export interface Summary {
  /** True when there are no problems; there may be notices. */
  readonly well: boolean;
  /** The counted objects, one sentence for each kind. */
  readonly counts: readonly string[];
  /** Problems before notices. */
  readonly findings: readonly Finding[];
  /** What could not be read, and why. */
  readonly unread: readonly string[];
}

/** Pure: says whether everything is as it should be; if not, what is wrong and what to do about it. */
export function summarize(world: World): Summary {
  const { networks, chains, firewalls, loadBalancers, customFunctions, now } = world;
  const conditions = [
    ...checkConditions('VirtualNetwork', networks, now),
    ...checkConditions('Firewall', firewalls, now),
    ...checkConditions('LoadBalancer', loadBalancers, now),
    ...checkConditions('CustomFunction', customFunctions, now),
    ...checkVpns(world),
    ...checkConditions('ServiceChain', chains, now),
  ];
  const findings = [
    ...checkOperator(world),
    ...checkNodes(world),
    ...conditions,
    ...withoutSaid(checkHops(world), conditions),
    ...checkInstances(world),
    ...checkPorts(world),
    ...checkHidden(world),
    ...checkWaiting(world),
    ...checkServices(world),
    ...checkDrops(world),
  ];
  const problems = findings.filter(({ severity }) => severity === 'Problem');
  return {
    well: problems.length === 0,
    counts: countThings(world),
    findings: [...problems, ...findings.filter(({ severity }) => severity === 'Notice')],
    unread: unreadOf(world),
  };
}

/** Conditions that name the hop and the remedy, or the missing reference: the finding about the hop is not repeated. */
const SAYS_HOPS = /^(ResolvedRefs|Accepted) |^Ready \(Hop/;

function withoutSaid(hops: readonly Finding[], conditions: readonly Finding[]): readonly Finding[] {
  const said = new Set(
    conditions.filter(({ message }) => SAYS_HOPS.test(message)).map(({ object }) => object),
  );
  return hops.filter(({ object }) => !said.has(object));
}

function countThings(world: World): readonly string[] {
  const operator = seen(world.operator);
  const agents = seen(world.agents);
  const holder = seen(world.leader)?.holder;
  return [
    ...(operator
      ? [
          `operator ${operator.status?.readyReplicas ?? 0}/${operator.spec?.replicas ?? 1} ready${holder ? ` (leader ${holder})` : ''}`,
        ]
      : []),
    ...(agents
      ? [`agents ${agents.status?.numberReady ?? 0}/${agents.status?.desiredNumberScheduled ?? 0} ready`]
      : []),
    countOf(world.networks.length, 'network'),
    countOf(world.chains.length, 'chain'),
    countOf(world.firewalls.length, 'firewall'),
    ...(world.loadBalancers.length > 0 ? [countOf(world.loadBalancers.length, 'load balancer')] : []),
    ...(world.customFunctions.length > 0 ? [countOf(world.customFunctions.length, 'custom function')] : []),
    ...countVpns(world),
    countOf(world.ports.length, 'Port'),
  ];
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function unreadOf(world: World): readonly string[] {
  const parts = [
    world.operator,
    world.agents,
    world.leader,
    world.agentPods,
    world.reports,
    world.nodes,
    world.kernels,
    world.waiting,
    world.services,
  ];
  return [...new Set(parts.flatMap((part) => (part.kind === 'Unread' ? [part.why] : [])))];
}
