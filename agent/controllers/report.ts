// SPDX-License-Identifier: Apache-2.0
import { type Condition, renderConditions } from '../../api/conditions.ts';
import type { NodeReportStatus } from '../../api/index.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import { resources } from '../../kube/resource.ts';
import { type OverBudget, observeOverBudget } from '../observe/budgets.ts';
import { observeDrops } from '../observe/counters.ts';
import type { AgentContext } from './context.ts';
import { nameOf } from './network.ts';
import { judgeBudgets, judgeReadiness, judgeStarts, type StartTrouble } from './readiness.ts';

export interface ReportOptions {
  readonly systemNamespace: string;
  readonly agentVersion: string;
  readonly underlayMtu: () => number;
  readonly startedAt: Date;
  /** Trouble with the start of pods, if there is any. */
  readonly starts?: () => StartTrouble;
}

/** Writes this node's NodeReport, when it differs from the one that was written last. */
export class Reporter {
  readonly #context: AgentContext;
  readonly #options: ReportOptions;
  #written: NodeReportStatus | undefined;
  /** Writes the report of the former group (api/former.ts); `Absent`: that report does not exist, so it is not written. */
  #writtenFormer: NodeReportStatus | 'Absent' | undefined;
  #conditions: readonly Condition[] | undefined;

  constructor(context: AgentContext, options: ReportOptions) {
    this.#context = context;
    this.#options = options;
  }

  async reconcile(): Promise<void> {
    const { kernel, dataPath } = this.#context;
    const { mapsDir } = dataPath;
    const over = await observeOverBudget({ kernel, mapsDir }, process.hrtime.bigint());
    const common = this.#render(await observeDrops(kernel, mapsDir), over);
    await this.#write({ ...common, ...this.#slices('Current') });
    await this.#writeFormer({ ...common, ...this.#slices('Former') });
  }

  async #write(status: NodeReportStatus): Promise<void> {
    if (this.#written && sameJson(this.#written, status)) return;
    const { writer } = this.#context;
    const report = this.#reportOf(status);
    await writer.applyStatus(resources.nodeReports, report).catch(async (error: unknown) => {
      if (!isNotFound(error)) throw error;
      // This node has no report yet, or the report was deleted.
      await writer.apply(resources.nodeReports, { metadata: report.metadata });
      await writer.applyStatus(resources.nodeReports, report);
    });
    this.#written = status;
  }

  /** Updates the report of the former group: an operator of the release before still reads it. */
  async #writeFormer(status: NodeReportStatus): Promise<void> {
    const before = this.#writtenFormer;
    if (before === 'Absent' || (before && sameJson(before, status))) return;
    try {
      await this.#context.writer.applyStatus(resources.formerNodeReports, this.#reportOf(status));
      this.#writtenFormer = status;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#writtenFormer = 'Absent';
    }
  }

  #reportOf(status: NodeReportStatus) {
    return {
      metadata: { namespace: this.#options.systemNamespace, name: this.#context.local.node },
      status,
    };
  }

  /** The slices of one group with their generations, for the report of that group. */
  #slices(group: 'Current' | 'Former'): Pick<NodeReportStatus, 'slices'> {
    const slices = [...this.#context.applied.slicesOf((key) => this.#isWhole(key))].flatMap(
      ([key, { generation, isFormer }]) =>
        isFormer === (group === 'Former') ? [[key, generation] as const] : [],
    );
    return nonEmpty('slices', Object.fromEntries(slices.sort()));
  }

  /** Whether all of a network is in the kernel; after a full map refused it, only a part of it may be. */
  #isWhole(network: string): boolean {
    return !this.#context.applied.refused.has(nameOf(network));
  }

  #render(
    drops: Readonly<Record<string, number>>,
    over: readonly OverBudget[],
  ): Omit<NodeReportStatus, 'slices'> {
    const { stores, local, applied, health, maps } = this.#context;
    const networks = [...applied.networks].flatMap(([key, { generation }]) =>
      this.#isWhole(key) ? [[key, generation] as const] : [],
    );
    this.#conditions = this.#renderConditions(over);
    return {
      vteps: stores.nodes.get(local.node)?.status.internalIPs ?? [],
      underlayMtu: this.#options.underlayMtu(),
      vnis: [...maps.vnis].sort((a, b) => a - b),
      ...nonEmpty('networks', Object.fromEntries(networks.sort())),
      ...nonEmpty('drops', drops),
      ...(health.down.length > 0 ? { down: health.down } : {}),
      ...(health.unreachable.length > 0 ? { unreachable: health.unreachable } : {}),
      agentVersion: this.#options.agentVersion,
      conditions: this.#conditions,
    };
  }

  /** The network with a VNI, as `namespace/name`. */
  readonly #nameOf = (vni: number): string =>
    [...this.#context.applied.networks].find(([, network]) => network.vni === vni)?.[0] ?? `VNI ${vni}`;

  #renderConditions(over: readonly OverBudget[]): readonly Condition[] {
    const { applied, health } = this.#context;
    const verdict = judgeReadiness({ refused: applied.refused, probeFailure: health.failure });
    // If the agent is ready at its first report, the transition time is the start of the agent.
    const sinceStart = verdict.status === 'True' && !this.#written;
    return renderConditions({
      kind: 'NodeReport',
      verdicts: [verdict, ...judgeStarts(this.#options.starts?.()), ...judgeBudgets(over, this.#nameOf)],
      previous: this.#conditions,
      now: sinceStart ? this.#options.startedAt : new Date(),
    });
  }
}

/** Leaves out empty maps: a map that an earlier apply filled, and that is empty now, would become null on the server. */
function nonEmpty<K extends 'networks' | 'slices' | 'drops'>(
  key: K,
  map: Readonly<Record<string, number>>,
): Partial<Record<K, Readonly<Record<string, number>>>> {
  return Object.keys(map).length === 0 ? {} : ({ [key]: map } as Record<K, Readonly<Record<string, number>>>);
}
