// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../../kube/slim.ts';

/** What the instances of a workload said, by the uid of the pod. */
export interface Answers<Report> {
  /** The last answer of each. */
  readonly said: ReadonlyMap<string, Report>;
  /** How often in a row it has been silent since. */
  readonly missed: ReadonlyMap<string, number>;
}

/** Before the first round. */
export function noAnswers<Report>(): Answers<Report> {
  return { said: new Map(), missed: new Map() };
}

/** Asks the instance at an address for its report; rejects when it does not answer in time. */
export type FetchReport<Report> = (ip: string, signal: AbortSignal) => Promise<Report>;

/**
 * One round of questions to all instances at once. One that does not answer keeps what it said before: what it has in
 * its kernel has not changed by its silence.
 */
export async function askInstances<Report>(options: {
  readonly pods: readonly Pod[];
  readonly before: Answers<Report>;
  readonly fetchReport: FetchReport<Report>;
  readonly signal: AbortSignal;
}): Promise<Answers<Report>> {
  const { pods, before, fetchReport, signal } = options;
  const said = new Map<string, Report>();
  const missed = new Map<string, number>();
  await Promise.all(
    pods.map(async ({ metadata: { uid }, status }) => {
      const [ip] = status.podIPs;
      const answer = ip === undefined ? undefined : await fetchReport(ip, signal).catch(() => undefined);
      const last = answer ?? before.said.get(uid);
      if (last !== undefined) said.set(uid, last);
      missed.set(uid, answer === undefined ? (before.missed.get(uid) ?? 0) + 1 : 0);
    }),
  );
  signal.throwIfAborted();
  return { said, missed };
}
