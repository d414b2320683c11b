// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../../kube/slim.ts';
import type { Secret } from '../../../kube/wire.ts';
import { channelOf } from '../../compile/workload/report-key.ts';
import type { Allowance } from '../../report/allowance.ts';
import type { Request } from '../../report/fetch.ts';

/** The reports of the instances of a workload, by the uid of the pod. */
export interface Answers<Report> {
  /** The last report of each instance. */
  readonly said: ReadonlyMap<string, Report>;
  /** How many requests in a row each instance has not answered since. */
  readonly missed: ReadonlyMap<string, number>;
}

/** The answers before the first round. */
export function noAnswers<Report>(): Answers<Report> {
  return { said: new Map(), missed: new Map() };
}

/** Asks an instance for its report; rejects when it does not answer in time or sends more than it may. */
export type FetchReport<Report> = (request: Request) => Promise<Report>;

/**
 * Asks all instances at once for their reports. An instance that does not answer keeps its last report, because its
 * kernel has not changed by that.
 */
export async function askInstances<Report>(options: {
  readonly pods: readonly Pod[];
  /** The Secret with the key of the workload. */
  readonly key: Secret | undefined;
  readonly before: Answers<Report>;
  readonly fetchReport: FetchReport<Report>;
  readonly allowance: Allowance;
  readonly spend: (bytes: number) => void;
  readonly signal: AbortSignal;
}): Promise<Answers<Report>> {
  const { pods, key, before, fetchReport, allowance, spend, signal } = options;
  const said = new Map<string, Report>();
  const missed = new Map<string, number>();
  await Promise.all(
    pods.map(async (pod) => {
      const { uid } = pod.metadata;
      const [ip] = pod.status.podIPs;
      const channel = channelOf(pod, key);
      const answer =
        ip === undefined || channel === undefined
          ? undefined
          : await fetchReport({ ip, channel, allowance, spend, signal }).catch(() => undefined);
      const last = answer ?? before.said.get(uid);
      if (last !== undefined) said.set(uid, last);
      missed.set(uid, answer === undefined ? (before.missed.get(uid) ?? 0) + 1 : 0);
    }),
  );
  signal.throwIfAborted();
  return { said, missed };
}
