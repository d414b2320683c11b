import { type Condition, renderConditions } from '../../api/conditions.ts';
import type { NodeReport, NodeReportStatus } from '../../api/index.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { resources } from '../../kube/resource.ts';
import { observeDrops } from '../observe/counters.ts';
import type { AgentContext } from './context.ts';
import { nameOf } from './network.ts';
import { judgeReadiness } from './readiness.ts';

export interface ReportOptions {
  readonly systemNamespace: string;
  readonly agentVersion: string;
  readonly underlayMtu: number;
  readonly startedAt: Date;
}

/** Writes what this node has; only when it differs from what was written last. */
export class Reporter {
  readonly #context: AgentContext;
  readonly #options: ReportOptions;
  #written: NodeReportStatus | undefined;
  #conditions: readonly Condition[] | undefined;

  constructor(context: AgentContext, options: ReportOptions) {
    this.#context = context;
    this.#options = options;
  }

  async reconcile(): Promise<void> {
    const { writer, local, kernel, dataPath } = this.#context;
    const status = this.#render(await observeDrops(kernel, dataPath.mapsDir));
    if (this.#written && sameJson(this.#written, status)) return;
    const metadata = { namespace: this.#options.systemNamespace, name: local.node };
    const report = { metadata, status } as NodeReport;
    await writer.applyStatus(resources.nodeReports, report).catch(async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      // The first report of this node, or someone deleted it.
      await writer.apply(resources.nodeReports, { metadata });
      await writer.applyStatus(resources.nodeReports, report);
    });
    this.#written = status;
  }

  #render(drops: Readonly<Record<string, number>>): NodeReportStatus {
    const { stores, local, applied, health, maps } = this.#context;
    // Of a network that a full map kept out, the kernel has less than any generation says.
    const isWhole = (key: string) => !applied.refused.has(nameOf(key));
    const networks = [...applied.networks].flatMap(([key, { generation }]) =>
      isWhole(key) ? [[key, generation] as const] : [],
    );
    this.#conditions = this.#renderConditions();
    return {
      vteps: stores.nodes.get(local.node)?.status.internalIPs ?? [],
      underlayMtu: this.#options.underlayMtu,
      vnis: [...maps.vnis].sort((a, b) => a - b),
      ...nonEmpty('networks', Object.fromEntries(networks.sort())),
      ...nonEmpty('slices', Object.fromEntries([...applied.slicesOf(isWhole)].sort())),
      ...nonEmpty('drops', drops),
      ...(health.down.length > 0 ? { down: health.down } : {}),
      ...(health.unreachable.length > 0 ? { unreachable: health.unreachable } : {}),
      agentVersion: this.#options.agentVersion,
      conditions: this.#conditions,
    };
  }

  #renderConditions(): readonly Condition[] {
    const { applied, health } = this.#context;
    const verdict = judgeReadiness({ refused: applied.refused, probeFailure: health.failure });
    // An agent that could do its work from the first moment says so of that moment.
    const sinceStart = verdict.status === 'True' && !this.#written;
    return renderConditions({
      kind: 'NodeReport',
      verdicts: [verdict],
      previous: this.#conditions,
      now: sinceStart ? this.#options.startedAt : new Date(),
    });
  }
}

/** A map that an earlier apply filled and this one empties would become null on the server: it must not be said at all. */
function nonEmpty<K extends 'networks' | 'slices' | 'drops'>(
  key: K,
  map: Readonly<Record<string, number>>,
): Partial<Record<K, Readonly<Record<string, number>>>> {
  return Object.keys(map).length === 0 ? {} : ({ [key]: map } as Record<K, Readonly<Record<string, number>>>);
}
