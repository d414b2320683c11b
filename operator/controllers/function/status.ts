import { checkFirewall } from '../../api/firewall-check.ts';
import { type Firewall, labels } from '../../api/index.ts';
import type { InstanceReport } from '../../api/report.ts';
import { functionKinds } from '../../compile/function/kinds.ts';
import { functionLabelOf } from '../../compile/function/names.ts';
import { counterPeriodMs, isSettled, nextRoundMs } from '../../report/pace.ts';
import { Controller, watch } from '../../runtime/controller.ts';
import type { Key } from '../../runtime/object.ts';
import { resources } from '../../runtime/resource.ts';
import type { Pod } from '../../runtime/slim.ts';
import type { PassResult } from '../../runtime/workqueue.ts';
import type { FunctionStatusFacts } from '../../status/function/facts.ts';
import { differsBeyondCounters, summarizeFirewall } from '../../status/function/summarize.ts';
import type { ControllerDeps } from '../deps.ts';
import { askInstances } from './ask.ts';
import { Counting } from './counting.ts';
import { observeInputs, observePods, ownerOf } from './snapshot.ts';
import { firewallOwning, firewallsOfConfigMap, firewallsOfPod } from './triggers.ts';

export interface FirewallStatusDeps extends ControllerDeps {
  /** Asks the instance at an address for its report. */
  readonly fetchReport: (ip: string, signal: AbortSignal) => Promise<InstanceReport>;
  readonly peersTooLarge: (key: Key) => number | undefined;
}

/** What is remembered of a firewall from round to round. */
interface Memory {
  readonly uid: string | undefined;
  readonly counting: Counting;
  answers: ReadonlyMap<string, InstanceReport>;
  unsettledRounds: number;
  writtenAt: number;
}

/** Instances' reports -> status of firewalls, in rounds: often while an edit is on its way, else slowly. */
export function createFirewallStatusController(deps: FirewallStatusDeps): Controller {
  const { stores, writer, clock, fetchReport, peersTooLarge } = deps;
  const memories = new Map<Key, Memory>();

  const controller = new Controller({
    name: 'firewall-status',
    watches: [
      // Its own writes change the status only; they are no reason for another round.
      watch(stores.firewalls, (old, now) => (isSameSpec(old, now) ? [] : [keyOf((now ?? old)!)])),
      watch(stores.pods, (old, now) => firewallsOfPod(stores, old, now)),
      watch(stores.configMaps, (old, now) => firewallOwning(now ?? old)),
      watch(stores.configMapVersions, (old, now) => firewallsOfConfigMap(stores, old, now)),
    ],
    concurrency: 16,
    reconcile,
    ...deps.controller,
  });
  return controller;

  async function reconcile(key: Key, signal: AbortSignal): Promise<PassResult | undefined> {
    const firewall = stores.firewalls.get(key);
    if (!firewall || firewall.metadata.deletionTimestamp) {
      memories.delete(key);
      return undefined;
    }
    const memory = memoryOf(key, firewall);
    const pods = observePods(stores, ownerOf(firewall));
    memory.answers = await askInstances({ pods, before: memory.answers, fetchReport, signal });
    signal.throwIfAborted();
    const facts = renderFacts(key, firewall, memory, pods);
    await writeStatus(firewall, memory, pods, facts);

    const settled = isSettled(
      facts.instances.map(({ report }) => report),
      facts,
    );
    memory.unsettledRounds = settled ? 0 : memory.unsettledRounds + 1;
    const { unsettledRounds } = memory;
    return { requeueAfterMs: nextRoundMs({ isSettled: settled, unsettledRounds }) };
  }

  async function writeStatus(
    firewall: Firewall,
    memory: Memory,
    pods: readonly Pod[],
    facts: FunctionStatusFacts,
  ): Promise<void> {
    const names = (firewall.spec.rules ?? []).map((rule) => rule.name);
    const status = summarizeFirewall({
      facts,
      totals: memory.counting.count({ pods, answers: memory.answers, names, written: firewall.status }),
      previous: firewall.status?.conditions,
      now: new Date(clock.now()),
    });
    const isDue = clock.monotonic() - memory.writtenAt >= counterPeriodMs(names.length);
    if (!isDue && !differsBeyondCounters(firewall.status, status)) return;
    const { written } = await writer.applyStatusIfChanged<Firewall>(resources.firewalls, firewall, status);
    if (written) memory.writtenAt = clock.monotonic();
  }

  function renderFacts(
    key: Key,
    firewall: Firewall,
    memory: Memory,
    pods: readonly Pod[],
  ): FunctionStatusFacts {
    const { namespace, name } = firewall.metadata;
    const { configMaps, replicas } = functionKinds[firewall.kind].needs(firewall.spec);
    return {
      namespace,
      generation: firewall.metadata.generation ?? 0,
      inputs: observeInputs(stores, firewall),
      desired: replicas,
      selector: `${labels.function}=${functionLabelOf(firewall.kind, name)}`,
      problems: checkFirewall(firewall.spec),
      references: configMaps.map((reference) => ({
        ...reference,
        found: stores.configMapVersions.has(`${namespace}/${reference.name}`),
      })),
      peersTooLarge: peersTooLarge(key),
      instances: pods
        .filter((pod) => !pod.metadata.deletionTimestamp)
        .map((pod) => ({
          pod: pod.metadata.name,
          ready: pod.status.ready,
          report: memory.answers.get(pod.metadata.uid),
        })),
    };
  }

  function memoryOf(key: Key, firewall: Firewall): Memory {
    const known = memories.get(key);
    const { uid } = firewall.metadata;
    if (known && known.uid === uid) return known;
    const memory: Memory = {
      uid,
      counting: new Counting(clock),
      answers: new Map(),
      unsettledRounds: 0,
      writtenAt: Number.NEGATIVE_INFINITY,
    };
    memories.set(key, memory);
    return memory;
  }
}

function isSameSpec(old: Firewall | undefined, now: Firewall | undefined): boolean {
  return (
    old?.metadata.uid === now?.metadata.uid &&
    old?.metadata.generation === now?.metadata.generation &&
    old?.metadata.deletionTimestamp === now?.metadata.deletionTimestamp
  );
}

function keyOf({ metadata }: Firewall): Key {
  return `${metadata.namespace}/${metadata.name}`;
}
