// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../../api/index.ts';
import { joinKey, type Key, keyOf } from '../../../api/key.ts';
import type { InstanceReport } from '../../../api/report.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { type KeySource, watch } from '../../../kube/controller.ts';
import { resources } from '../../../kube/resource.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { drainAddresses } from '../../compile/function/draining.ts';
import { type FunctionKind, type FunctionObject, kindOf, needsOf } from '../../compile/function/kinds.ts';
import { readableOf } from '../../compile/function/needs.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import { allow } from '../../report/allowance.ts';
import { type Budget, LATER_MS } from '../../report/budget.ts';
import { isSettled, nextRoundMs } from '../../report/pace.ts';
import type { FunctionStatusFacts } from '../../status/function/facts.ts';
import { differsBeyondCounters, summarizeFunction } from '../../status/function/summarize.ts';
import type { ControllerDeps } from '../deps.ts';
import { ledgerOf } from '../network/ledger.ts';
import { askInstances, type FetchReport } from '../workload/ask.ts';
import { observeInputs } from '../workload/inputs.ts';
import { observeInstances, observePods, selectorOf } from '../workload/pods.ts';
import { observeRefusal, refusalOf } from '../workload/refusal.ts';
import { observeReportKey } from '../workload/report-key.ts';
import { ofOwned, orderOf } from '../workload/triggers.ts';
import { observeExposure, takeAddresses } from './balancer.ts';
import { observeEntries } from './entries.ts';
import { keepLists } from './kept-lists.ts';
import type { FunctionMemories, FunctionMemory } from './memory.ts';
import { observeBalancing, observeProblems } from './snapshot.ts';
import { functionsOf } from './stores.ts';
import { createTriggers } from './triggers.ts';

export interface FunctionStatusDeps extends ControllerDeps {
  readonly fetchReport: FetchReport<InstanceReport>;
  readonly budget: Budget;
  readonly memories: FunctionMemories;
}

/**
 * Creates the controller that asks instances for their reports and writes the status of functions of one kind. It
 * asks often while an edit is being applied, and slowly otherwise.
 */
export function createFunctionStatus(kind: FunctionKind, deps: FunctionStatusDeps) {
  const { stores, writer, clock, fetchReport, budget, memories } = deps;
  const functions = functionsOf(stores, kind);
  const ledger = ledgerOf(stores);
  const triggers = createTriggers(stores, kind);
  const resource = Object.values(resources).find((each) => each.kind === kind)!;

  const watches: readonly KeySource[] = [
    // Writes of this controller change only the status, and must not cause another round.
    watch(functions, (old, now) => (sameJson(orderOf(old), orderOf(now)) ? [] : [keyOf((now ?? old)!)])),
    watch(stores.configMaps, ofOwned(kind)),
    watch(stores.secrets, ofOwned(kind)),
    watch(stores.services, ofOwned(kind)),
    watch(stores.configMapVersions, triggers.ofConfigMap),
  ];
  return { watches, round };

  async function round(key: Key, signal: AbortSignal): Promise<PassResult | undefined> {
    const object = functions.get(key);
    if (!object || object.metadata.deletionTimestamp) {
      memories.forget(key);
      return undefined;
    }
    const memory = memories.of(object);
    const pods = observePods(stores, ownerOf(object));
    const turn = budget.begin(object.metadata.namespace);
    if (!turn) return { requeueAfterMs: LATER_MS };
    try {
      const { entries, names } = observeEntries(stores, object);
      memory.mostEntries = Math.max(memory.mostEntries, entries);
      const allowance = allow(memory.mostEntries, names);
      const { spend } = turn;
      const before = memory.answers;
      const key = observeReportKey(stores, ownerOf(object));
      memory.answers = await askInstances({ pods, key, before, fetchReport, allowance, spend, signal });
    } finally {
      turn.end();
    }
    const problems = observeProblems(stores, ledger, object);
    if (object.kind === 'LoadBalancer') {
      moveAddresses(object, memory, problems.length > 0);
    }
    const facts = { ...renderFacts(object, memory, pods), problems };
    await writeStatus(object, memory, pods, facts);
    await keepReadLists(object, facts);

    const settled = isSettled(
      facts.instances.map(({ report }) => report),
      facts,
    );
    memory.unsettledRounds = settled ? 0 : memory.unsettledRounds + 1;
    const { unsettledRounds } = memory;
    return { requeueAfterMs: nextRoundMs({ isSettled: settled, unsettledRounds }) };
  }

  /** Gives a load balancer its addresses; those that it had before drain. */
  function moveAddresses(object: LoadBalancer, memory: FunctionMemory, hasProblems: boolean): void {
    const before = memory.addresses;
    const { drainSeconds } = object.spec;
    const now = clock.monotonic();
    const addresses = takeAddresses({ stores, ledger, object, held: before, hasProblems, now });
    const { draining } = memory;
    memory.addresses = addresses;
    memory.draining = drainAddresses({
      ...{ before, addresses, draining, drainSeconds },
      now: new Date(clock.now()),
    });
  }

  /** A quota may refuse a copy; then there is none, and instances that start while the list is unreadable do not get ready. */
  async function keepReadLists(
    object: FunctionObject,
    { inputs, instances }: FunctionStatusFacts,
  ): Promise<void> {
    const reports = instances.flatMap(({ report }) => report ?? []);
    await refusalOf(() => keepLists({ stores, writer, object, inputs, reports }));
  }

  async function writeStatus(
    object: FunctionObject,
    memory: FunctionMemory,
    pods: readonly Pod[],
    facts: FunctionStatusFacts,
  ): Promise<void> {
    const details = memory.details.render({
      object,
      pods,
      answers: memory.answers.said,
      addresses: memory.addresses,
      draining: memory.draining,
      exposure: facts.exposure,
    });
    const status = summarizeFunction({
      facts: { ...facts, balancing: observeBalancing(stores, object, details) },
      details,
      previous: object.status?.conditions,
      now: new Date(clock.now()),
    });
    const isDue = clock.monotonic() - memory.writtenAt >= memory.details.periodMs(object);
    if (!isDue && !differsBeyondCounters(object.status, status, memory.details.lasting)) return;
    const { written } = await writer.applyStatusIfChanged<FunctionObject>(resource, object, status);
    if (written) memory.writtenAt = clock.monotonic();
  }

  function renderFacts(
    object: FunctionObject,
    memory: FunctionMemory,
    pods: readonly Pod[],
  ): Omit<FunctionStatusFacts, 'problems'> {
    const { namespace } = object.metadata;
    const { configMaps, environment = [], replicas } = needsOf(object);
    return {
      kind,
      words: kindOf(object).words,
      namespace,
      generation: object.metadata.generation ?? 0,
      inputs: observeInputs(stores, ownerOf(object), readableOf(needsOf(object))),
      desired: replicas,
      selector: selectorOf(ownerOf(object)),
      references: [...configMaps, ...environment].map((reference) => ({
        ...reference,
        found: stores.configMapVersions.has(joinKey(namespace, reference.name)),
      })),
      podsTooLarge: memory.podsTooLarge,
      podsRefusal: observeRefusal(stores, ownerOf(object), memory.podsRefusal),
      exposure: observeExposure(stores, object, memory.refusal),
      instances: observeInstances(pods, memory.answers.said),
    };
  }
}
