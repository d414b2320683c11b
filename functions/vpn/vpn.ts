// SPDX-License-Identifier: Apache-2.0
import type { GatewayConfig } from '../../api/vpn-gateway.ts';
import { gatewaySecretNamesOf, handoverSeconds } from '../../api/vpn-names.ts';
import type { Vpn } from '../../api/vpn-objects.ts';
import type { GatewayReport, PeerReport } from '../../api/vpn-report.ts';
import { systemClock } from '../../kube/base/clock.ts';
import { resources } from '../../kube/resource.ts';
import { createNft } from '../shared/nft/nft.ts';
import {
  FieldFailure,
  type Instance,
  type Outcome,
  type Program,
  type StartContext,
} from '../shared/program.ts';
import { createTools, ToolError, type Tools } from '../shared/tools.ts';
import { readFacts } from './facts.ts';
import { Gateway } from './gateway.ts';
import { readInputs } from './inputs.ts';
import { Latest } from './latest.ts';
import { registerMetrics } from './metrics.ts';
import { mtuComplaint, renderGateway } from './render.ts';
import { reportPeers } from './report.ts';
import { applySysctls } from './sysctls.ts';

/**
 * How long a report waits for WireGuard. The operator takes a gateway for dead that does not answer in time, so this is
 * only part of that time.
 */
const LOOK_MS = 200;

/** The kind VPN: the operator's config in two Secrets -> WireGuard, routes and rules in this namespace. */
export const vpn: Program<Vpn> = {
  resource: resources.vpns,
  configMapsOf: () => [],
  secretsOf: ({ metadata }) => gatewaySecretNamesOf(metadata.name),
  drainSecondsOf: () => handoverSeconds,
  start: startVpn,
};

async function startVpn({ log, registry, pod }: StartContext): Promise<Instance<Vpn>> {
  const tools = createTools();
  const gateway = new Gateway({ tools, nft: createNft(), log, clock: systemClock, applySysctls });
  await gateway.close();
  let applied: GatewayConfig | undefined;
  const peers = async (): Promise<readonly PeerReport[]> => {
    const device = await gateway.look();
    return reportPeers(applied, { role: gateway.role, device, now: new Date(systemClock.now()) });
  };
  const latest = new Latest({ ask: peers, patienceMs: LOOK_MS, clock: systemClock });
  registerMetrics(registry, peers);
  return {
    apply: async (inputs) => {
      const read = readInputs(inputs);
      if (read.kind === 'Unusable') return { kind: 'Refused', error: read.error };
      const outcome = await applyConfig({ ...read, pod, tools, gateway });
      applied = read.config;
      return outcome;
    },
    report: async () => {
      const report: GatewayReport = {
        role: gateway.role,
        wireGuard: gateway.wireGuard,
        peers: await latest.get(),
      };
      return { ...report };
    },
    // The active gateway stays until another one has taken over, so peers notice nothing.
    isBusy: async () => gateway.role === 'Active',
    stop: async () => gateway.stop(),
  };
}

async function applyConfig(options: {
  readonly config: GatewayConfig;
  readonly privateKey: string;
  readonly pod: string;
  readonly tools: Tools;
  readonly gateway: Gateway;
}): Promise<Outcome> {
  const { config, privateKey, pod, tools, gateway } = options;
  try {
    const facts = await readFacts(tools);
    if (!facts.tenant) throw new FieldFailure('spec.network', 'the pod has no interface on the network yet');
    await gateway.apply(renderGateway({ config, privateKey, facts, pod }));
    const complaint = mtuComplaint(config.mtu, facts);
    return { kind: 'Applied', error: complaint ? { field: 'spec.mtu', message: complaint } : undefined };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new FieldFailure('spec', error.message);
  }
}
