import { functionLabelOf } from '../../../api/function-names.ts';
import { labels } from '../../../api/index.ts';
import type { InstanceReport } from '../../../api/report.ts';
import { Controller, watch } from '../../../kube/controller.ts';
import type { Key } from '../../../kube/object.ts';
import { resources } from '../../../kube/resource.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { type FunctionKind, type FunctionObject, kindOf, needsOf } from '../../compile/function/kinds.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import { isSettled, nextRoundMs } from '../../report/pace.ts';
import type { FunctionStatusFacts } from '../../status/function/facts.ts';
import { differsBeyondCounters, summarizeFunction } from '../../status/function/summarize.ts';
import type { ControllerDeps } from '../deps.ts';
import { ledgerOf } from '../network/ledger.ts';
import { askInstances } from './ask.ts';
import { observeExposure, takeAddresses } from './balancer.ts';
import { type Details, detailsOf } from './details.ts';
import { observeBalancing, observeInputs, observePods, observeProblems } from './snapshot.ts';
import { functionsOf } from './stores.ts';
import { createTriggers } from './triggers.ts';

export interface FunctionStatusDeps extends ControllerDeps {
  /** Asks the instance at an address for its report. */
  readonly fetchReport: (ip: string, signal: AbortSignal) => Promise<InstanceReport>;
  readonly peersTooLarge: (key: Key) => number | undefined;
  readonly serviceRefusal: (key: Key) => string | undefined;
}

/** What is remembered of a function from round to round. */
interface Memory {
  readonly uid: string | undefined;
  readonly details: Details;
  /** Of a load balancer: those that it was given last. */
  addresses: readonly string[];
  answers: ReadonlyMap<string, InstanceReport>;
  unsettledRounds: number;
  writtenAt: number;
}

/** Instances' reports -> status of functions of one kind, in rounds: often while an edit is on its way, else slowly. */
export function createFunctionStatusController(kind: FunctionKind, deps: FunctionStatusDeps): Controller {
  const { stores, writer, clock, fetchReport, peersTooLarge, serviceRefusal } = deps;
  const functions = functionsOf(stores, kind);
  const ledger = ledgerOf(stores);
  const triggers = createTriggers(stores, kind);
  const resource = Object.values(resources).find((each) => each.kind === kind)!;
  const memories = new Map<Key, Memory>();

  const controller = new Controller({
    name: `${kind.toLowerCase()}-status`,
    watches: [
      // Its own writes change the status only; they are no reason for another round.
      watch(functions, (old, now) => (isSameSpec(old, now) ? [] : [keyOf((now ?? old)!)])),
      watch(stores.pods, triggers.ofPod),
      watch(stores.configMaps, (old, now) => triggers.owner(now ?? old)),
      watch(stores.services, (old, now) => triggers.owner(now ?? old)),
      watch(stores.configMapVersions, triggers.ofConfigMap),
    ],
    concurrency: 16,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key, signal: AbortSignal): Promise<PassResult | undefined> {
    const object = functions.get(key);
    if (!object || object.metadata.deletionTimestamp) {
      memories.delete(key);
      return undefined;
    }
    const memory = memoryOf(key, object);
    const pods = observePods(stores, ownerOf(object));
    memory.answers = await askInstances({ pods, before: memory.answers, fetchReport, signal });
    signal.throwIfAborted();
    const problems = observeProblems(stores, ledger, object);
    if (object.kind === 'LoadBalancer') {
      const now = clock.monotonic();
      const hasProblems = problems.length > 0;
      memory.addresses = takeAddresses({ stores, ledger, object, held: memory.addresses, hasProblems, now });
    }
    const facts = { ...renderFacts(key, object, memory, pods), problems };
    await writeStatus(object, memory, pods, facts);

    const settled = isSettled(
      facts.instances.map(({ report }) => report),
      facts,
    );
    memory.unsettledRounds = settled ? 0 : memory.unsettledRounds + 1;
    const { unsettledRounds } = memory;
    return { requeueAfterMs: nextRoundMs({ isSettled: settled, unsettledRounds }) };
  }

  async function writeStatus(
    object: FunctionObject,
    memory: Memory,
    pods: readonly Pod[],
    facts: FunctionStatusFacts,
  ): Promise<void> {
    const details = memory.details.render({
      object,
      pods,
      answers: memory.answers,
      addresses: memory.addresses,
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
    key: Key,
    object: FunctionObject,
    memory: Memory,
    pods: readonly Pod[],
  ): Omit<FunctionStatusFacts, 'problems'> {
    const { namespace, name } = object.metadata;
    const { configMaps, environment = [], replicas } = needsOf(object);
    return {
      kind,
      words: kindOf(object).words,
      namespace,
      generation: object.metadata.generation ?? 0,
      inputs: observeInputs(stores, object),
      desired: replicas,
      selector: `${labels.function}=${functionLabelOf(kind, name)}`,
      references: [...configMaps, ...environment].map((reference) => ({
        ...reference,
        found: stores.configMapVersions.has(`${namespace}/${reference.name}`),
      })),
      peersTooLarge: peersTooLarge(key),
      exposure: observeExposure(stores, object, serviceRefusal(key)),
      instances: pods
        .filter((pod) => !pod.metadata.deletionTimestamp)
        .map((pod) => ({
          pod: pod.metadata.name,
          ready: pod.status.ready,
          trouble: pod.status.trouble,
          report: memory.answers.get(pod.metadata.uid),
        })),
    };
  }

  function memoryOf(key: Key, object: FunctionObject): Memory {
    const known = memories.get(key);
    const { uid } = object.metadata;
    if (known && known.uid === uid) return known;
    const memory: Memory = {
      uid,
      details: detailsOf(kind, clock),
      addresses: object.kind === 'LoadBalancer' ? (object.status?.addresses ?? []) : [],
      answers: new Map(),
      unsettledRounds: 0,
      writtenAt: Number.NEGATIVE_INFINITY,
    };
    memories.set(key, memory);
    return memory;
  }
}

function isSameSpec(old: FunctionObject | undefined, now: FunctionObject | undefined): boolean {
  return (
    old?.metadata.uid === now?.metadata.uid &&
    old?.metadata.generation === now?.metadata.generation &&
    old?.metadata.deletionTimestamp === now?.metadata.deletionTimestamp
  );
}

function keyOf({ metadata }: FunctionObject): Key {
  return `${metadata.namespace}/${metadata.name}`;
}
