import type { FirewallStatus } from '../../api/index.ts';
import type { InstanceReport } from '../../api/report.ts';
import type { FunctionKind, FunctionObject } from '../../compile/function/kinds.ts';
import { counterPeriodMs } from '../../report/pace.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Pod } from '../../runtime/slim.ts';
import type { FunctionStatus } from '../../status/function/summarize.ts';
import { Counting } from './counting.ts';

/** One round of questions to the instances of a function. */
export interface Round<T extends FunctionObject = FunctionObject> {
  readonly object: T;
  readonly pods: readonly Pod[];
  /** By the uid of the pod. */
  readonly answers: ReadonlyMap<string, InstanceReport>;
}

/** What the status of one function says besides what all functions say; it may remember earlier rounds. */
export interface Details {
  render(round: Round): object;
  /** What of it counts as a change that is worth a write at once. */
  lasting(status: FunctionStatus | undefined): unknown;
  /** How often the rest is written. */
  periodMs(object: FunctionObject): number;
}

const details: { readonly [Kind in FunctionKind]: (clock: Clock) => Details } = {
  Firewall: firewallDetails,
};

export function detailsOf(kind: FunctionKind, clock: Clock): Details {
  return details[kind](clock);
}

function firewallDetails(clock: Clock): Details {
  const counting = new Counting(clock);
  return {
    render: ({ object, pods, answers }) =>
      counting.count({ pods, answers, names: ruleNames(object), written: object.status }),
    lasting: (status: FirewallStatus | undefined) => status?.rules?.map((rule) => rule.name) ?? [],
    periodMs: (object) => counterPeriodMs(ruleNames(object).length),
  };
}

function ruleNames({ spec }: FunctionObject): readonly string[] {
  return (spec.rules ?? []).map((rule) => rule.name);
}
