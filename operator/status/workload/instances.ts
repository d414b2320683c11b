// SPDX-License-Identifier: Apache-2.0
import type { ReportedState } from '../../../api/report.ts';

/** One pod of a workload that is not terminating. */
export interface InstanceFacts<Report extends ReportedState = ReportedState> {
  readonly pod: string;
  readonly ready: boolean;
  /** Why a container of the pod does not start. */
  readonly trouble?: string | undefined;
  /** The last report; absent until the pod has answered. */
  readonly report: Report | undefined;
}

type Instances = readonly InstanceFacts[];

interface NotProgrammed {
  readonly type: 'Programmed';
  readonly status: 'False';
  readonly reason: 'InstanceError' | 'NoInstances';
  readonly message: string;
}

export function countReady(instances: Instances): number {
  return instances.filter(({ ready }) => ready).length;
}

/** The counts of pods in the status of every workload. */
export function countInstances(instances: Instances) {
  return { replicas: instances.length, readyReplicas: countReady(instances) };
}

/** The verdict when an instance reports an error. */
export function judgeError(instances: Instances): NotProgrammed | undefined {
  const failed = instances.find(({ report }) => report?.error);
  const error = failed?.report?.error;
  if (!failed || !error) return undefined;
  const message = `Pod ${failed.pod}: ${error.field}: ${error.message}`;
  return { type: 'Programmed', status: 'False', reason: 'InstanceError', message };
}

/** The verdict when no instance works. */
export function judgeNone(options: {
  readonly instances: Instances;
  /** Wanted number of instances. */
  readonly desired: number;
  /** Label selector of its pods, as `kubectl get pods -l` takes it. */
  readonly selector: string;
}): NotProgrammed | undefined {
  const { instances, desired, selector } = options;
  if (countReady(instances) > 0) return undefined;
  const message = desired === 0 ? 'spec.replicas is 0.' : `No pod with label ${selector} is ready.`;
  return { type: 'Programmed', status: 'False', reason: 'NoInstances', message };
}

/** The message when fewer instances than wanted are ready: how many, and what to do. Undefined when all are ready. */
export function missingInstances(options: {
  readonly instances: Instances;
  readonly desired: number;
  readonly selector: string;
  /** Word for the instances in messages: `instances`. */
  readonly plural: string;
}): string | undefined {
  const { instances, desired, selector, plural } = options;
  const count = countReady(instances);
  if (count >= desired) return undefined;
  return `${count} of ${desired} ${plural} are ready; ${troublesOf(instances)[0] ?? `see the pods with label ${selector}`}.`;
}

export function troublesOf(instances: Instances): readonly string[] {
  return instances.flatMap(({ pod, trouble }) => (trouble ? [`pod ${pod}, ${trouble}`] : []));
}
