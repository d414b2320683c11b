import { type Condition, renderConditions } from '../../api/conditions.ts';
import type { FirewallStatus } from '../../api/index.ts';
import { checkFirewall } from './checks.ts';
import type { Totals } from './counters.ts';
import type { FunctionStatusFacts } from './facts.ts';

/** Says in one value how a firewall is. */
export function summarizeFirewall(options: {
  readonly facts: FunctionStatusFacts;
  readonly totals: Totals;
  readonly previous: readonly Condition[] | undefined;
  readonly now: Date;
}): FirewallStatus {
  const { facts, totals, previous, now } = options;
  return {
    observedGeneration: facts.generation,
    replicas: facts.instances.length,
    readyReplicas: facts.instances.filter(({ ready }) => ready).length,
    selector: facts.selector,
    rules: totals.rules,
    logged: totals.logged,
    conditions: renderConditions({
      kind: 'Firewall',
      verdicts: checkFirewall(facts),
      previous,
      generation: facts.generation,
      now,
    }),
  };
}

/** Whether two statuses differ in more than what packets count. */
export function differsBeyondCounters(a: FirewallStatus | undefined, b: FirewallStatus): boolean {
  return JSON.stringify(withoutCounters(a)) !== JSON.stringify(withoutCounters(b));
}

function withoutCounters(status: FirewallStatus | undefined): unknown {
  const names = status?.rules?.map((rule) => rule.name) ?? [];
  const conditions = (status?.conditions ?? []).map((c) => [
    c.type,
    c.status,
    c.reason,
    c.message,
    c.observedGeneration,
    c.lastTransitionTime,
  ]);
  return [
    status?.observedGeneration,
    status?.replicas,
    status?.readyReplicas,
    status?.selector,
    names,
    conditions,
  ];
}
