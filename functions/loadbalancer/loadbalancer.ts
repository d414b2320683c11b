// SPDX-License-Identifier: Apache-2.0
import type { LoadBalancer } from '../../api/index.ts';
import { addressesOf, checkLoadBalancer } from '../../api/load-balancer-check.ts';
import { type SelectedPods, selectedPodsEntry } from '../../api/selected-pods.ts';
import { systemClock } from '../../kube/base/clock.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { Registry } from '../../kube/base/metrics.ts';
import { resources } from '../../kube/resource.ts';
import type { ConfigMap } from '../../kube/wire.ts';
import { CounterTotals } from '../shared/nft/counters.ts';
import { KernelTable } from '../shared/nft/kernel-table.ts';
import { createNft, NftError } from '../shared/nft/nft.ts';
import { FieldFailure, type Inputs, type Instance, type Outcome, type Program } from '../shared/program.ts';
import { Balancer } from './balancer.ts';
import { forgetFrontend, forgetLater } from './flows.ts';
import { registerMetrics } from './metrics.ts';
import { OwnAddresses } from './own-address.ts';
import { planFor } from './plan.ts';
import { renderReport } from './report.ts';
import { readInstanceId, readMtu, renderOutside, renderWay, sourcePortsOf } from './way.ts';

/** The kind LoadBalancer: listeners and backends of its object -> one table of nftables in this namespace. */
export const loadBalancer: Program<LoadBalancer> = {
  resource: resources.loadBalancers,
  configMapsOf: () => [],
  drainSecondsOf: (object) => object.spec.drainSeconds,
  start: startLoadBalancer,
};

async function startLoadBalancer(context: {
  readonly log: Logger;
  readonly registry: Registry;
}): Promise<Instance<LoadBalancer>> {
  const { log, registry } = context;
  const nft = createNft();
  const counters = new CounterTotals(nft);
  const table = new KernelTable({ nft, counters, log });
  await table.open();
  const balancer = new Balancer({
    table,
    clock: systemClock,
    log,
    onGone: (addresses) => forgetLater(addresses, log),
    onClosed: (frontend) => void forgetFrontend(frontend, log),
  });
  registerMetrics(registry, { counters: () => counters.read(), standings: () => balancer.standings });
  const own = new OwnAddresses({ clock: systemClock, log });
  return {
    apply: (inputs) => applyLoadBalancer(inputs, { balancer, own, instance: readInstanceId() }),
    report: async () => renderReport(balancer.standings),
    stop: async () => {
      balancer.stop();
      own.stop();
    },
  };
}

async function applyLoadBalancer(
  { object, selectedPods }: Inputs<LoadBalancer>,
  world: { readonly balancer: Balancer; readonly own: OwnAddresses; readonly instance: number },
): Promise<Outcome> {
  const [fault] = checkLoadBalancer(object.spec);
  if (fault) return { kind: 'Refused', error: fault };
  const file = parseSelectedPods(selectedPods);
  const ports = sourcePortsOf(file, world.instance);
  const sends = object.spec.expose ?? object.spec.healthCheck;
  if (file && sends && !ports) return { kind: 'Refused', error: NO_PORTS };
  const way = renderWay(file, ports);
  const outside = ports && renderOutside(file, { ports, mtu: readMtu() });
  const plan = planFor(object, { selectedPods: file, way, outside });
  if ('message' in plan) return { kind: 'Refused', error: plan };
  try {
    await world.own.follow(addressesOf(object), plan.drainMs);
    await world.balancer.follow(plan);
    return { kind: 'Applied', error: undefined };
  } catch (error) {
    if (!(error instanceof NftError)) throw error;
    throw new FieldFailure('spec', error.message);
  }
}

/** For a moment when an instance begins; longer when all ports are of instances that drain. */
const NO_PORTS = {
  field: 'spec.replicas',
  message: 'the operator has given this instance no source ports yet; it gets those of instances that end',
};

function parseSelectedPods(selectedPods: ConfigMap | undefined): SelectedPods | undefined {
  const text = selectedPods?.data?.[selectedPodsEntry];
  return text === undefined ? undefined : (JSON.parse(text) as SelectedPods);
}
