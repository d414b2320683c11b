import { type HttpServer, startHttpServer } from '../../operator/runtime/http.ts';
import { createLogger } from '../../operator/runtime/log.ts';
import { createReflectorMetrics, createRegistry } from '../../operator/runtime/metrics.ts';
import type { KubeObject } from '../../operator/runtime/object.ts';
import { createTransport } from '../../operator/runtime/transport.ts';
import { parseEnvironment } from './environment.ts';
import { Loop } from './loop.ts';
import type { FunctionKind } from './program.ts';
import { Sources } from './sources.ts';

/** Runs a function of one kind until the process is told to end. The main of every function calls this. */
export async function runFunction<T extends KubeObject>(kind: FunctionKind<T>): Promise<void> {
  const environment = parseEnvironment(process.env);
  const log = createLogger({ name: environment.kind.toLowerCase(), level: environment.logLevel }).child({
    function: `${environment.namespace}/${environment.name}`,
    pod: environment.pod,
  });
  const registry = createRegistry();
  const instance = await kind.start({ log, registry });
  const loop = new Loop({ kind, instance, name: environment.name, peers: environment.peers, log });
  let draining = false;
  const server = await startHttpServer({
    port: environment.port,
    registry,
    log,
    readyChecks: {
      ruleset: () => (loop.state.generation === undefined ? 'nothing is applied yet' : undefined),
      drain: () => (draining ? 'this instance is going away' : undefined),
    },
    routes: (app) => {
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
    onChange: () => loop.wake(),
  });
  loop.start(sources);
  process.once('SIGTERM', () => {
    draining = true;
    log.info('draining: not ready any more, and forwarding until the end');
  });
  process.once('SIGINT', () => void end(server));

  async function end(http: HttpServer): Promise<void> {
    loop.stop();
    sources.stop();
    transport.close();
    await instance.stop();
    await http.close();
    process.exit(0);
  }
}
