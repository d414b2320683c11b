// SPDX-License-Identifier: Apache-2.0
import { type Key, keyOf } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import { type KeySource, watch } from '../../../kube/controller.ts';
import { resources } from '../../../kube/resource.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { endpointsOf } from '../../compile/vpn/stored.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import { allow } from '../../report/allowance.ts';
import { type Budget, LATER_MS } from '../../report/budget.ts';
import type { PeerFacts, VpnStatusFacts } from '../../status/vpn/facts.ts';
import { differsBeyondTraffic, summarizePeer, summarizeVpn } from '../../status/vpn/summarize.ts';
import type { ControllerDeps } from '../deps.ts';
import { isEnding } from '../ending.ts';
import { askInstances, type FetchReport } from '../workload/ask.ts';
import { observeInstances, observePods, selectorOf } from '../workload/pods.ts';
import { observeRefusal } from '../workload/refusal.ts';
import { observeReportKey } from '../workload/report-key.ts';
import { ingressOf } from '../workload/service.ts';
import { observeOwnService } from './endpoint.ts';
import { observeGatewayInputs } from './inputs.ts';
import type { VpnMemories, VpnMemory } from './memory.ts';
import { chooseGateway } from './rounds.ts';
import { observeNetworkFacts } from './snapshot.ts';
import { createVpnTriggers } from './triggers.ts';

/** Interval of rounds. A gateway that misses two rounds is replaced. */
const ROUND_MS = 500;
/** Interval for writing traffic counters. */
const TRAFFIC_MS = 10_000;

export interface VpnStatusDeps extends ControllerDeps {
  readonly fetchGatewayReport: FetchReport<GatewayAnswer>;
  readonly budget: Budget;
  readonly memories: VpnMemories;
  /** Wakes the other controller, which alone writes, so that no two controllers write the same object at once. */
  readonly apply: (key: Key) => void;
}

/**
 * Creates the controller that asks gateways for their reports, chooses the active one, and writes the statuses of
 * VPNs and their peers, in rounds.
 */
export function createVpnStatus(deps: VpnStatusDeps) {
  const { stores, writer, events, clock, fetchGatewayReport, budget, memories, apply } = deps;
  const triggers = createVpnTriggers(stores);
  const watches: readonly KeySource[] = [
    watch(stores.vpns, triggers.ofVpn),
    watch(stores.vpnPeers, triggers.ofPeer),
  ];
  return { watches, round };

  async function round(key: Key, signal: AbortSignal): Promise<PassResult | undefined> {
    const began = clock.monotonic();
    const vpn = stores.vpns.get(key);
    if (!vpn) return tellOrphans(key);
    if (isEnding(stores, vpn)) return undefined;
    const memory = memories.of(vpn);
    const pods = observePods(stores, ownerOf(vpn));
    // Choose before asking, so that a takeover from a deleted pod does not wait for its answer.
    changeActive(vpn, memory, pods);
    const turn = budget.begin(vpn.metadata.namespace);
    if (!turn) return { requeueAfterMs: LATER_MS };
    try {
      const names = new Set(stores.vpnPeers.byIndex('vpn', key).map(({ metadata }) => metadata.name));
      memory.mostPeers = Math.max(memory.mostPeers, names.size);
      memory.answers = await askInstances({
        pods,
        key: observeReportKey(stores, ownerOf(vpn)),
        before: memory.answers,
        fetchReport: fetchGatewayReport,
        allowance: allow(memory.mostPeers, names),
        spend: turn.spend,
        signal,
      });
    } finally {
      turn.end();
    }
    hear(memory, pods);
    changeActive(vpn, memory, pods);
    if (memory.decided) await writeStatuses(vpn, memory, memory.decided, pods);
    return { requeueAfterMs: Math.max(50, ROUND_MS - (clock.monotonic() - began)) };
  }

  /** Stores the endpoints of peers. A gateway that does not know yet that it is active has no news about them. */
  function hear(memory: VpnMemory, pods: readonly Pod[]): void {
    const said = activeAnswer(memory, pods);
    if (said) memory.heard = endpointsOf(said.peers, memory.endpoints);
  }

  function changeActive(vpn: Vpn, memory: VpnMemory, pods: readonly Pod[]): void {
    const before = memory.active;
    const active = chooseGateway(stores, pods, memory);
    if (active === before) return;
    memory.endpoints = memory.heard;
    memory.active = active;
    apply(keyOf(vpn));
    if (active === undefined) return;
    const message = `Peers talk to pod ${active}${before === undefined ? '' : `, in place of ${before}`}.`;
    events.record({ object: vpn, type: 'Normal', reason: 'ActiveChanged', message });
  }

  async function writeStatuses(
    vpn: Vpn,
    memory: VpnMemory,
    decided: DecidedVpn,
    pods: readonly Pod[],
  ): Promise<void> {
    const facts = renderFacts(vpn, memory, decided, pods);
    const now = new Date(clock.now());
    await writer.applyStatusIfChanged<Vpn>(resources.vpns, vpn, summarizeVpn(facts, now));
    for (const each of facts.decided.peers) {
      const peer = stores.vpnPeers.get(keyOf(each.peer));
      if (!peer || peer.metadata.uid !== each.peer.metadata.uid || peer.metadata.deletionTimestamp) continue;
      const { namespace } = peer.metadata;
      await writePeer(
        peer,
        { namespace, vpn: peer.spec.vpn, found: { vpn: facts, peer: each } },
        memory.writtenAt,
      );
    }
  }

  function renderFacts(
    vpn: Vpn,
    memory: VpnMemory,
    decided: DecidedVpn,
    pods: readonly Pod[],
  ): VpnStatusFacts {
    const said = activeAnswer(memory, pods);
    const reports = new Map(said?.peers.map((each) => [each.name, each]));
    const peers = decided.peers.map((each) => ({ ...each, report: reports.get(each.peer.metadata.name) }));
    return {
      decided: { ...decided, peers },
      network: observeNetworkFacts(stores, vpn),
      active: memory.active,
      inputs: observeGatewayInputs(stores, vpn, memory),
      selector: selectorOf(ownerOf(vpn)),
      serviceRefusal: memory.refusal,
      podsRefusal: observeRefusal(stores, ownerOf(vpn), memory.podsRefusal),
      ingress: ingressOf(observeOwnService(stores, vpn)),
      gateways: observeInstances(pods, memory.answers.said),
    };
  }

  async function writePeer(peer: VpnPeer, facts: PeerFacts, writtenAt: Map<string, number>): Promise<void> {
    const uid = peer.metadata.uid ?? '';
    const status = summarizePeer(peer, facts, new Date(clock.now()));
    const isDue = clock.monotonic() - (writtenAt.get(uid) ?? Number.NEGATIVE_INFINITY) >= TRAFFIC_MS;
    if (!isDue && !differsBeyondTraffic(peer.status, status)) return;
    const { written } = await writer.applyStatusIfChanged<VpnPeer>(resources.vpnPeers, peer, status);
    if (written) writtenAt.set(uid, clock.monotonic());
  }

  /** Writes the status of peers whose VPN does not exist. */
  async function tellOrphans(key: Key): Promise<undefined> {
    memories.forget(key);
    for (const peer of stores.vpnPeers.byIndex('vpn', key)) {
      if (isEnding(stores, peer)) continue;
      const { namespace } = peer.metadata;
      await writePeer(peer, { namespace, vpn: peer.spec.vpn, found: undefined }, new Map());
    }
  }
}

/** The last report of the active gateway, once it knows that it is active. */
function activeAnswer(
  { active, answers: { said } }: VpnMemory,
  pods: readonly Pod[],
): GatewayAnswer | undefined {
  const pod = pods.find(({ metadata }) => metadata.name === active);
  const answer = pod && said.get(pod.metadata.uid);
  return answer?.role === 'Active' ? answer : undefined;
}
