// SPDX-License-Identifier: Apache-2.0
import { release } from '../../api/generated/version.ts';
import { systemClock } from '../../kube/base/clock.ts';
import { startHttpServer } from '../../kube/base/http.ts';
import { createLogger } from '../../kube/base/log.ts';
import { createRegistry } from '../../kube/base/metrics.ts';
import { createReflectorMetrics } from '../../kube/metrics.ts';
import type { KubeObject } from '../../kube/object.ts';
import { createTransport } from '../../kube/transport.ts';
import { createFunctionAccess } from './access.ts';
import { drain } from './drain.ts';
import { watchDrainHook } from './drain-hook.ts';
import { parseEnvironment } from './environment.ts';
import { hasLiveFlows } from './live-flows.ts';
import { Loop } from './loop.ts';
import type { Program } from './program.ts';
import { Sources } from './sources.ts';

/** Most requests that wait for the end of the drain at once; the preStop hook needs one. */
const MOST_WAITING = 8;

/** Runs the program of one kind until the process gets a signal to end. The main of every program calls this. */
export async function runProgram<T extends KubeObject>(program: Program<T>): Promise<void> {
  const environment = parseEnvironment(process.env);
  const log = createLogger({ name: environment.kind.toLowerCase(), level: environment.logLevel }).child({
    function: `${environment.namespace}/${environment.name}`,
    pod: environment.pod,
  });
  const registry = createRegistry();
  const instance = await program.start({ log, registry, pod: environment.pod });
  const loop = new Loop({
    program,
    instance,
    name: environment.name,
    selectedPods: environment.selectedPods,
    log,
  });
  let draining: Promise<void> | undefined;
  let ending: Promise<void> | undefined;
  const drained = Promise.withResolvers<void>();
  let waiting = 0;
  let uid: string | undefined;
  const server = await startHttpServer({
    port: environment.port,
    version: release,
    registry,
    log,
    access: createFunctionAccess({ keyFile: environment.reportKey, uid: () => uid }),
    readyChecks: {
      ruleset: () => (loop.state.generation === undefined ? 'nothing is applied yet' : undefined),
      drain: () => (draining ? 'this instance is going away' : undefined),
    },
    routes: (app) => {
      // The preStop hook of a container beside ours waits here, so that it runs until the drain has ended.
      app.get('/drained', async (_request, response) => {
        if (waiting >= MOST_WAITING) {
          response.status(429).end();
          return;
        }
        waiting += 1;
        response.once('close', () => {
          waiting -= 1;
        });
        await drained.promise;
        response.end();
      });
      app.get('/report', async (_request, response) => {
        const { generation = 0, inputs, error = null } = loop.state;
        response.json({ generation, inputs, error, ...(await instance.report()) });
      });
      instance.routes?.(app);
    },
  });
  const transport = createTransport({ userAgent: `heddle-${environment.kind.toLowerCase()}` });
  const sources = new Sources({
    transport,
    namespace: environment.namespace,
    log,
    metrics: createReflectorMetrics(registry),
    onChange: () => {
      uid = sources.get<T>(program.resource, environment.name)?.metadata?.uid ?? uid;
      loop.wake();
    },
  });
  loop.start(sources);
  const hurry = new AbortController();
  const { drainFolder } = environment;
  const hook = drainFolder === undefined ? undefined : watchDrainHook(drainFolder, () => void leave());
  // After the hook, and without one, as when a node shuts down. A drain that is under way ends with it: either the time
  // of the pod is over, or somebody asked twice.
  process.on('SIGTERM', () => {
    if (draining) hurry.abort();
    void leave().then(end);
  });
  process.once('SIGINT', () => void end());

  /** Stops being ready, but goes on forwarding until no flow needs this instance. */
  function leave(): Promise<void> {
    draining ??= drainAll();
    return draining;
  }

  async function drainAll(): Promise<void> {
    log.info(
      { drainSeconds: drainSeconds() },
      'draining: no longer ready, but still forwarding until the drain ends',
    );
    const reason = await drain({
      clock: systemClock,
      log,
      drainSeconds,
      hasLiveFlows: instance.isBusy ? () => instance.isBusy!() : hasLiveFlows,
      signal: hurry.signal,
    });
    log.info({ reason }, 'drained');
    drained.resolve();
    hook?.finish();
    // Pending requests get their answer before the server closes their connections.
    await new Promise(setImmediate);
  }

  function drainSeconds(): number | undefined {
    const object = sources.get<T>(program.resource, environment.name);
    if (!object || object.metadata?.deletionTimestamp) return undefined;
    // No ruleset was ever applied, so no flow has passed.
    return loop.state.generation === undefined ? 0 : program.drainSecondsOf(object);
  }

  function end(): Promise<void> {
    ending ??= close();
    return ending;
  }

  async function close(): Promise<void> {
    hook?.close();
    loop.stop();
    sources.stop();
    transport.close();
    await instance.stop();
    await server.close();
    process.exit(0);
  }
}
