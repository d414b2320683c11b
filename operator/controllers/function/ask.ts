import type { InstanceReport } from '../../../api/report.ts';
import type { Pod } from '../../../kube/slim.ts';

/**
 * One round of questions to all instances at once; reports by the uid of the pod. One that does not answer
 * keeps what it said before: what it has in its kernel has not changed by its silence.
 */
export async function askInstances(options: {
  readonly pods: readonly Pod[];
  readonly before: ReadonlyMap<string, InstanceReport>;
  readonly fetchReport: (ip: string, signal: AbortSignal) => Promise<InstanceReport>;
  readonly signal: AbortSignal;
}): Promise<ReadonlyMap<string, InstanceReport>> {
  const { pods, before, fetchReport, signal } = options;
  const answers = await Promise.all(
    pods.map(async ({ metadata, status }) => {
      const ip = status.podIPs[0];
      const last = before.get(metadata.uid);
      if (ip === undefined) return [metadata.uid, last] as const;
      return [metadata.uid, await fetchReport(ip, signal).catch(() => last)] as const;
    }),
  );
  return new Map(answers.flatMap(([uid, report]) => (report ? [[uid, report] as const] : [])));
}
