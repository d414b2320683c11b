// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Access } from './access.ts';
import { Connections } from './connections.ts';
import type { Logger } from './log.ts';
import { handOver } from './plain-or-tls.ts';
import { type Checks, probe } from './probes.ts';

export type { Check, Checks } from './probes.ts';

/** How long a page of metrics is sent again. Reading the kernel's counters for each of many clients would block it. */
const METRICS_MS = 1000;
/** Time that a client has for the headers of a request. */
const HEADERS_MS = 5000;
/** How long an idle connection stays open: the operator asks every 5 s, and each handshake costs time. */
const IDLE_MS = 20_000;

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
  /** Who may ask for metrics and for what `routes` adds. */
  readonly access: Access;
  /** Adds the program's own routes. */
  readonly routes?: (app: Express) => void;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves /healthz, /readyz and /version to everybody, by HTTP and HTTPS on the same port; /metrics and what `routes`
 * adds only to requests that `access` admits.
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const connections = new Connections();
  const app = createApp(options, connections);
  const timeouts = {
    headersTimeout: HEADERS_MS,
    requestTimeout: HEADERS_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: 1000,
  };
  const plain = http.createServer(timeouts, app);
  const tls = https.createServer({ ...timeouts, ...options.access.tls, handshakeTimeout: HEADERS_MS }, app);
  tls.on('tlsClientError', (_error, socket) => socket.destroy());
  const server = createServer({ noDelay: true }, (socket) => {
    connections.add(socket);
    handOver(socket, { plain, tls, mayEncrypt: () => connections.mayEncrypt(socket, performance.now()) });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  options.log.debug({ port }, 'http listens');
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.closeAll();
      }),
  };
}

function createApp(options: HttpServerOptions, connections: Connections): Express {
  const { access, registry } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  probe(app, '/healthz', options.healthChecks ?? {});
  probe(app, '/readyz', options.readyChecks);
  app.get('/version', (_request, response) => {
    response.json({ version: options.version });
  });
  app.use(async (request, response, next) => {
    const refusal = await access.refuse(request);
    if (!refusal) {
      connections.keep(request.socket);
      next();
      return;
    }
    if (refusal.status === 401) response.set('WWW-Authenticate', 'Bearer');
    const { status: code, message } = refusal;
    // As the API server answers, whose clients show the message.
    response.status(code).json({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
  });
  const metrics = cachePage(() => registry.metrics());
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await metrics());
  });
  options.routes?.(app);
  return app;
}

/** Renders a page at most once at a time and once in METRICS_MS. */
function cachePage(render: () => Promise<string>): () => Promise<string> {
  let page: Promise<string> | undefined;
  return async () => {
    if (page) return page;
    page = render();
    const forget = (): void => {
      page = undefined;
    };
    page.then(() => setTimeout(forget, METRICS_MS).unref(), forget);
    return page;
  };
}

function listen(server: Server, { port, host }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve());
  });
}
