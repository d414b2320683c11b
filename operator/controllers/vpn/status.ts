// SPDX-License-Identifier: Apache-2.0
import { type Key, keyOf } from '../../../api/key.ts';
import type { Vpn, VpnPeer } from '../../../api/vpn-objects.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import { type KeySource, watch } from '../../../kube/controller.ts';
import { resources } from '../../../kube/resource.ts';
import type { Pod } from '../../../kube/slim.ts';
import type { PassResult } from '../../../kube/workqueue.ts';
import { readableOf } from '../../compile/vpn/deployment.ts';
import { endpointsOf } from '../../compile/vpn/stored.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { VpnStatusFacts } from '../../status/vpn/facts.ts';
import type { PeerFacts } from '../../status/vpn/peer-checks.ts';
import { differsBeyondTraffic, summarizePeer, summarizeVpn } from '../../status/vpn/summarize.ts';
import type { ControllerDeps } from '../deps.ts';
import { isEnding } from '../ending.ts';
import { askInstances, type FetchReport } from '../workload/ask.ts';
import { observeInputs } from '../workload/inputs.ts';
import { observeInstances, observePods, selectorOf } from '../workload/pods.ts';
import { ingressOf } from '../workload/service.ts';
import { observeOwnService } from './endpoint.ts';
import type { VpnMemories, VpnMemory } from './memory.ts';
import { chooseGateway } from './rounds.ts';
import { observeNetworkFacts } from './snapshot.ts';
import { createVpnTriggers } from './triggers.ts';

/** Two silent rounds make another gateway the active one. */
const ROUND_MS = 500;
/** What packets count is written so often. */
const TRAFFIC_MS = 10_000;

export interface VpnStatusDeps extends ControllerDeps {
  readonly fetchGatewayReport: FetchReport<GatewayAnswer>;
  readonly memories: VpnMemories;
  /** Has what was decided carried out: the other controller writes, so that no two write the same at once. */
  readonly apply: (key: Key) => void;
}

/** Gateways' reports -> who is active, and the statuses of VPNs and their peers; in rounds. */
export function createVpnStatus(deps: VpnStatusDeps) {
  const { stores, writer, events, clock, fetchGatewayReport, memories, apply } = deps;
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
    // One that is gone is not waited for.
    changeActive(vpn, memory, pods);
    const before = memory.answers;
    memory.answers = await askInstances({ pods, before, fetchReport: fetchGatewayReport, signal });
    hear(memory, pods);
    changeActive(vpn, memory, pods);
    if (memory.decided) await writeStatuses(vpn, memory, memory.decided, pods);
    return { requeueAfterMs: Math.max(50, ROUND_MS - (clock.monotonic() - began)) };
  }

  /** What a gateway says that does not know yet that it is active is no news of where peers are. */
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
      inputs: observeInputs(stores, ownerOf(vpn), readableOf(vpn)),
      selector: selectorOf(ownerOf(vpn)),
      serviceRefusal: memory.refusal,
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

  /** Peers of a VPN that is not there. */
  async function tellOrphans(key: Key): Promise<undefined> {
    memories.forget(key);
    for (const peer of stores.vpnPeers.byIndex('vpn', key)) {
      if (isEnding(stores, peer)) continue;
      const { namespace } = peer.metadata;
      await writePeer(peer, { namespace, vpn: peer.spec.vpn, found: undefined }, new Map());
    }
  }
}

/** What the active gateway said last, once it knows that it is. */
function activeAnswer(
  { active, answers: { said } }: VpnMemory,
  pods: readonly Pod[],
): GatewayAnswer | undefined {
  const pod = pods.find(({ metadata }) => metadata.name === active);
  const answer = pod && said.get(pod.metadata.uid);
  return answer?.role === 'Active' ? answer : undefined;
}
