// SPDX-License-Identifier: Apache-2.0
import { Agent as HttpAgent } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from './base/clock.ts';

/** How often tokens and certificates are read again; the kubelet renews them long before they expire. */
const REFRESH_MS = 30_000;
/** Interval of TCP keep-alive, which detects a server that vanished. */
const KEEP_ALIVE_MS = 15_000;
/** Idle connections are closed by us before the server does, so that a request seldom uses a closed one. */
const IDLE_SOCKET_MS = 30_000;

/** HTTP agents for the two kinds of traffic: each watch has a connection, requests share a few. */
export interface Agents {
  readonly requests: HttpAgent;
  readonly watches: HttpAgent;
}

export interface Session {
  readonly base: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agents: Agents;
}

/** Loads the kubeconfig of a program: $KUBECONFIG, ~/.kube/config, or the pod's service account. */
export function loadKubeConfig(path?: string): KubeConfig {
  const config = new KubeConfig();
  if (path) config.loadFromFile(path);
  else if (process.env.KUBERNETES_SERVICE_HOST && !process.env.KUBECONFIG) config.loadFromCluster();
  else config.loadFromDefault();
  return config;
}

/** Credentials keeps the connection settings of a KubeConfig up to date without reading files at every request. */
export class Credentials {
  readonly #config: KubeConfig;
  readonly #clock: Clock;
  readonly #maxRequests: number;
  #session: { readonly value: Session; readonly fingerprint: string; readonly readAt: number } | undefined;

  constructor(options: { readonly config: KubeConfig; readonly clock: Clock; readonly maxRequests: number }) {
    this.#config = options.config;
    this.#clock = options.clock;
    this.#maxRequests = options.maxRequests;
  }

  async session(): Promise<Session> {
    const known = this.#session;
    if (known && this.#clock.monotonic() - known.readAt < REFRESH_MS) return known.value;
    return this.#read();
  }

  /** Makes the next request read the credentials again, after the server has refused them. */
  invalidate(): void {
    if (this.#session) this.#session = { ...this.#session, readAt: Number.NEGATIVE_INFINITY };
  }

  close(): void {
    this.#session?.value.agents.requests.destroy();
    this.#session?.value.agents.watches.destroy();
  }

  async #read(): Promise<Session> {
    const cluster = this.#config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig has no current cluster: set KUBECONFIG or current-context');
    const options: RequestOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const fingerprint = JSON.stringify([cluster.server, options.ca, options.cert, options.key].map(String));
    const agents =
      this.#session?.fingerprint === fingerprint ? this.#session.value.agents : this.#agents(options);
    const value = { base: new URL(cluster.server), headers: headersOf(options), agents };
    this.#session = { value, fingerprint, readAt: this.#clock.monotonic() };
    return value;
  }

  #agents(options: RequestOptions): Agents {
    const cluster = this.#config.getCurrentCluster();
    if (cluster?.proxyUrl && options.agent instanceof HttpAgent) {
      return { requests: options.agent, watches: options.agent };
    }
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    const common: AgentOptions = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, ...withoutUndefined(tls) };
    const AgentClass = cluster?.server.startsWith('http:') ? HttpAgent : HttpsAgent;
    return {
      requests: new AgentClass({ ...common, maxSockets: this.#maxRequests, timeout: IDLE_SOCKET_MS }),
      watches: new AgentClass({ ...common, maxFreeSockets: 0 }),
    };
  }
}

function headersOf(options: RequestOptions): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
  if (options.auth) headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  return headers;
}

function withoutUndefined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}
