// SPDX-License-Identifier: Apache-2.0
import type { FirewallStatus, LoadBalancerDrainingAddress, LoadBalancerStatus } from '../../../api/index.ts';
import type { InstanceReport } from '../../../api/report.ts';
import type { Clock } from '../../../kube/base/clock.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { FunctionKind, FunctionObject } from '../../compile/function/kinds.ts';
import { counterPeriodMs } from '../../report/pace.ts';
import { summarizeBackends } from '../../status/function/backends.ts';
import { externalAddressesOf } from '../../status/function/exposure.ts';
import type { ExposureFacts } from '../../status/function/facts.ts';
import type { FunctionStatus } from '../../status/function/summarize.ts';
import { Counting } from './counting.ts';
import { TRAFFIC } from './entries.ts';

/** The result of asking all instances of a function for their reports. */
export interface Round<T extends FunctionObject = FunctionObject> {
  readonly object: T;
  readonly pods: readonly Pod[];
  /** Reports by the uid of the pod. */
  readonly answers: ReadonlyMap<string, InstanceReport>;
  /** Addresses of a load balancer. */
  readonly addresses: readonly string[];
  /** Addresses that it no longer has, and that drain. */
  readonly draining?: readonly LoadBalancerDrainingAddress[];
  readonly exposure: ExposureFacts | undefined;
}

/** Details computes the part of a function's status that only its kind has. It may remember earlier rounds. */
export interface Details {
  render(round: Round): object;
  /** Returns the part of a status whose changes are written at once. */
  lasting(status: FunctionStatus | undefined): unknown;
  /** Returns how often changes of the other part are written. */
  periodMs(object: FunctionObject): number;
}

const details: { readonly [Kind in FunctionKind]: (clock: Clock) => Details } = {
  Firewall: firewallDetails,
  LoadBalancer: loadBalancerDetails,
  CustomFunction: customFunctionDetails,
};

export function detailsOf(kind: FunctionKind, clock: Clock): Details {
  return details[kind](clock);
}

function firewallDetails(clock: Clock): Details {
  const counting = new Counting(clock);
  return {
    render: ({ object, pods, answers }) =>
      counting.count({
        pods,
        answers,
        names: ruleNames(object),
        written: object.kind === 'Firewall' ? object.status : undefined,
      }),
    lasting: (status: FirewallStatus | undefined) => status?.rules?.map((rule) => rule.name) ?? [],
    periodMs: (object) => counterPeriodMs(ruleNames(object).length),
  };
}

function ruleNames(object: FunctionObject): readonly string[] {
  return object.kind === 'Firewall' ? (object.spec.rules ?? []).map((rule) => rule.name) : [];
}

/** Packets into and out of the instances; our program counts them under these names. */
function customFunctionDetails(clock: Clock): Details {
  const counting = new Counting(clock);
  return {
    render: ({ object, pods, answers }) => {
      const written = object.kind === 'CustomFunction' ? object.status : undefined;
      const rules = TRAFFIC.flatMap((name) => (written?.[name] ? [{ name, ...written[name] }] : []));
      const totals = counting.count({ pods, answers, names: TRAFFIC, written: { rules } });
      return Object.fromEntries(totals.rules.map(({ name, packets, bytes }) => [name, { packets, bytes }]));
    },
    lasting: () => undefined,
    periodMs: () => counterPeriodMs(TRAFFIC.length),
  };
}

/** Every change of the backends is written at once, except for what the last checks say. */
function loadBalancerDetails(clock: Clock): Details {
  return {
    render: ({ object, pods, answers, addresses, draining = [], exposure }) => ({
      ...(draining.length > 0 && { draining }),
      ...(exposure && { externalAddresses: externalAddressesOf(exposure) }),
      ...summarizeBackends({
        reports: pods
          .filter((pod) => pod.status.ready)
          .flatMap((pod) => answers.get(pod.metadata.uid)?.backends ?? []),
        previous: object.kind === 'LoadBalancer' ? object.status : undefined,
        addresses,
        now: new Date(clock.now()),
      }),
    }),
    lasting: (status: LoadBalancerStatus | undefined) => [
      status?.addresses,
      status?.draining,
      status?.externalAddresses,
      status?.backends?.map(({ message: _message, ...rest }) => rest),
    ],
    periodMs: () => counterPeriodMs(0),
  };
}
