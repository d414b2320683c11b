// SPDX-License-Identifier: Apache-2.0
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Logger } from './log.ts';

/** A check returns undefined when all is well, else one sentence about the problem. */
export type Check = () => string | undefined | Promise<string | undefined>;
export type Checks = Readonly<Record<string, Check>>;

export interface HttpServerOptions {
  readonly port: number;
  /** Address to listen on. Default: all addresses. */
  readonly host?: string;
  /** Checks of /healthz. When one fails the process must be restarted, so they are few and reliable. Default: none. */
  readonly healthChecks?: Checks;
  /** Checks of /readyz. While one fails the process must get no work. */
  readonly readyChecks: Checks;
  readonly registry: Registry;
  readonly log: Logger;
  /** Answer of `/version`. */
  readonly version: string;
  /** Adds the program's own routes. */
  readonly routes?: (app: Express) => void;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Pure: the body of a probe's answer, one line for each check, and whether all passed. */
function renderChecks(results: Readonly<Record<string, string | undefined>>): {
  readonly ok: boolean;
  readonly text: string;
} {
  const entries = Object.entries(results);
  const lines = entries.map(([name, problem]) => (problem ? `[-] ${name}: ${problem}` : `[+] ${name}`));
  const ok = entries.every(([, problem]) => !problem);
  return { ok, text: [...lines, ok ? 'ok' : 'failed', ''].join('\n') };
}

/** Serves /healthz, /readyz, /metrics and /version, and what `routes` adds. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  probe(app, '/healthz', options.healthChecks ?? {});
  probe(app, '/readyz', options.readyChecks);
  app.get('/metrics', async (_request, response) => {
    response.type(options.registry.contentType).send(await options.registry.metrics());
  });
  app.get('/version', (_request, response) => {
    response.json({ version: options.version });
  });
  options.routes?.(app);
  const server = await listen(app, options);
  const { port } = server.address() as AddressInfo;
  options.log.debug({ port }, 'http listens');
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function probe(app: Express, path: string, checks: Checks): void {
  app.get(path, async (_request, response) => {
    const { ok, text } = renderChecks(await runChecks(checks));
    response
      .status(ok ? 200 : 503)
      .type('text/plain')
      .send(text);
  });
}

async function runChecks(checks: Checks): Promise<Record<string, string | undefined>> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return [name, await check()] as const;
      } catch (error) {
        return [name, error instanceof Error ? error.message : String(error)] as const;
      }
    }),
  );
  return Object.fromEntries(results);
}

function listen(app: Express, options: HttpServerOptions): Promise<ReturnType<Express['listen']>> {
  return new Promise((resolve, reject) => {
    const ready = (error?: Error): void => (error ? reject(error) : resolve(server));
    const server = options.host
      ? app.listen(options.port, options.host, ready)
      : app.listen(options.port, ready);
  });
}
