// SPDX-License-Identifier: Apache-2.0
import { release } from '../api/generated/version.ts';
import { Writer } from '../kube/apply.ts';
import { systemClock } from '../kube/base/clock.ts';
import { type HttpServer, startHttpServer } from '../kube/base/http.ts';
import { createLogger, type Logger } from '../kube/base/log.ts';
import { createRegistry } from '../kube/base/metrics.ts';
import type { Controller } from '../kube/controller.ts';
import { loadKubeConfig } from '../kube/credentials.ts';
import { EventRecorder } from '../kube/events.ts';
import { LeaseElector } from '../kube/lease.ts';
import { createQueueMetrics, createReflectorMetrics } from '../kube/metrics.ts';
import { createTokenAccess } from '../kube/token-access.ts';
import { createTransport, type Transport } from '../kube/transport.ts';
import { createEndController } from './controllers/end.ts';
import { createFunctionControllers } from './controllers/function.ts';
import { createNamesController } from './controllers/names.ts';
import { createNodeController } from './controllers/node.ts';
import { createPodController } from './controllers/pod.ts';
import { createPortController } from './controllers/port.ts';
import { createServiceChainController } from './controllers/servicechain.ts';
import { createVirtualNetworkController } from './controllers/virtualnetwork.ts';
import { createVpnControllers } from './controllers/vpn.ts';
import { registerOperatorMetrics } from './metrics.ts';
import { serveFunctionMetrics } from './metrics-relay.ts';
import { createObservation, type Observation } from './observe/observation.ts';
import type { OperatorOptions } from './options.ts';
import { Budget } from './report/budget.ts';
import { fetchReport } from './report/fetch.ts';
import { fetchGatewayReport } from './report/gateway.ts';

/** Most requests in flight. A restarted node makes some hundred pods wait for their Ports at once. */
const MOST_REQUESTS = 32;

/** The operator cannot start; the message names the flag that causes it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The objects that the parts of one operator share. */
interface Parts {
  readonly options: OperatorOptions;
  readonly log: Logger;
  readonly registry: ReturnType<typeof createRegistry>;
  readonly transport: Transport;
  /** A separate transport for the lease: a renewal must not wait in line behind the writes of thousands of Ports. */
  readonly leaseTransport: Transport;
  /** A separate transport for the tokens of clients: strangers' tokens must delay no write. */
  readonly reviewTransport: Transport;
  readonly observation: Observation;
}

/**
 * Runs an operator until `stop` is aborted or it loses its lease. Returns the exit code. Both replicas watch, so that
 * a new leader has all objects at once; only the leader reconciles and writes.
 */
export async function runOperator(options: OperatorOptions, stop: AbortSignal): Promise<number> {
  const parts = createParts(options);
  const { log, observation, transport, leaseTransport } = parts;
  const end = new AbortController();
  const lost = new AbortController();
  const both = AbortSignal.any([stop, lost.signal]);

  let begin: () => void = () => {};
  const leading = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const elector = new LeaseElector({
    transport: leaseTransport,
    namespace: options.namespace,
    name: options.leaseName,
    identity: options.identity,
    log,
    onLeading: () => begin(),
    onLost: () => lost.abort(),
  });
  const http = await serve(parts, elector).catch(blame('--http-port'));
  log.info({ identity: options.identity, port: http.port, version: release }, 'operator started');

  const observing = observation.run(end.signal);
  // The elector releases the lease when it is stopped, so stop it only after the passes under way have ended.
  const giveBack = new AbortController();
  const electing = elector.run(giveBack.signal);
  const working = leading.then(() => work(parts, elector, both));
  await aborted(both);
  log.info({ reason: lost.signal.aborted ? 'lost the lease' : String(stop.reason) }, 'stopping');
  if (elector.isLeader()) await working;

  giveBack.abort();
  await electing;
  end.abort();
  await Promise.all([observing, http.close()]);
  transport.close();
  leaseTransport.close();
  parts.reviewTransport.close();
  return lost.signal.aborted ? 1 : 0;
}

function createParts(options: OperatorOptions): Parts {
  const log = createLogger({ name: 'operator', level: options.logLevel });
  const registry = createRegistry();
  const connect = (maxRequests: number): Transport =>
    createTransport({
      config: startingWith('--kubeconfig', () => loadKubeConfig(options.kubeconfig)),
      userAgent: `heddle-operator/${release}`,
      maxRequests,
    });
  const transport = connect(MOST_REQUESTS);
  const leaseTransport = connect(1);
  const reviewTransport = connect(2);
  const observation = createObservation({ transport, log, metrics: createReflectorMetrics(registry) });
  return { options, log, registry, transport, leaseTransport, reviewTransport, observation };
}

/** Runs all controllers until the signal is aborted and the passes under way have ended. */
async function work(parts: Parts, elector: LeaseElector, signal: AbortSignal): Promise<void> {
  const { log, registry, transport, observation, options } = parts;
  const writer = new Writer({
    transport,
    fieldManager: 'heddle-operator',
    mayWrite: () => elector.isLeader(),
  });
  const reporter = { component: 'heddle-operator', instance: options.identity };
  const events = new EventRecorder({ writer, reporter, log });
  const deps = {
    stores: observation.stores,
    writer,
    events,
    clock: systemClock,
    random: Math.random,
    limits: options.limits,
    controller: { log, synced: observation.synced, metrics: createQueueMetrics(registry) },
  };
  const controllers: readonly Controller[] = [
    createVirtualNetworkController({ ...deps, clusterRanges: options.clusterRanges }),
    createPortController(deps),
    createPodController(deps),
    createServiceChainController(deps),
    ...createFunctionControllers({
      ...deps,
      images: options.images,
      fetchReport,
      budget: new Budget(systemClock),
    }),
    ...createVpnControllers({
      ...deps,
      image: options.images.VPN,
      fetchGatewayReport,
      budget: new Budget(systemClock),
    }),
    createNamesController({ ...deps, clusterRanges: options.clusterRanges }),
    createNodeController(deps),
    createEndController(deps),
  ];
  await Promise.all(controllers.map((controller) => controller.run(signal)));
  await events.flush();
}

async function serve(parts: Parts, elector: LeaseElector): Promise<HttpServer> {
  const { options, log, registry, observation } = parts;
  registerOperatorMetrics(registry, { stores: observation.stores, isLeader: () => elector.isLeader() });
  return startHttpServer({
    version: release,
    port: options.httpPort,
    registry,
    log,
    access: createTokenAccess({
      transport: parts.reviewTransport,
      clock: systemClock,
      log,
      name: 'heddle-operator',
    }),
    routes: (app) =>
      serveFunctionMetrics(app, { stores: observation.stores, budget: new Budget(systemClock) }),
    // A replica that is not the leader is ready too, because it may become leader at any moment.
    readyChecks: {
      stores: () => {
        const missing = observation.missing();
        return missing.length > 0 ? `not complete: ${missing.join(', ')}` : undefined;
      },
    },
  });
}

function startingWith<T>(flag: string, start: () => T): T {
  try {
    return start();
  } catch (error) {
    return blame(flag)(error);
  }
}

function blame(flag: string): (error: unknown) => never {
  return (error) => {
    throw new StartError(`${flag}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
