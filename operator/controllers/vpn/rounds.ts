import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import type { Pod } from '../../../kube/slim.ts';
import { chooseActive } from '../../compile/vpn/active.ts';
import type { Stores } from '../../observe/stores.ts';
import { isNodeWell } from './endpoint.ts';
import type { Memory } from './memory.ts';

/** Asks one gateway for its report; rejects when it does not answer in time. */
export type FetchGatewayReport = (ip: string, signal: AbortSignal) => Promise<GatewayAnswer>;

/** One round of questions to all gateways at once. One that does not answer keeps what it said, and is counted. */
export async function askGateways(options: {
  readonly pods: readonly Pod[];
  readonly memory: Memory;
  readonly fetchGatewayReport: FetchGatewayReport;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { pods, memory, fetchGatewayReport, signal } = options;
  const answers = new Map<string, GatewayAnswer>();
  const missed = new Map<string, number>();
  await Promise.all(
    pods.map(async ({ metadata: { uid }, status }) => {
      const before = memory.answers.get(uid);
      const [ip] = status.podIPs;
      const answer =
        ip === undefined ? undefined : await fetchGatewayReport(ip, signal).catch(() => undefined);
      if (answer ?? before) answers.set(uid, (answer ?? before)!);
      missed.set(uid, answer ? 0 : (memory.missed.get(uid) ?? 0) + 1);
    }),
  );
  signal.throwIfAborted();
  memory.answers = answers;
  memory.missed = missed;
}

/** Who peers shall talk to after a round. */
export function chooseGateway(
  stores: Pick<Stores, 'nodes'>,
  pods: readonly Pod[],
  { active, missed }: Memory,
): string | undefined {
  return chooseActive(
    active,
    pods.map(({ metadata, spec, status }) => ({
      pod: metadata.name,
      ready: status.ready,
      leaving: metadata.deletionTimestamp !== undefined || !isNodeWell(stores, spec.nodeName),
      missed: missed.get(metadata.uid) ?? 0,
    })),
  );
}
