import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiError, parseErrorBody } from './api-error.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import { Credentials, loadKubeConfig, type Session } from './credentials.ts';
import { startDeadline } from './deadline.ts';
import { LineSplitter } from './lines.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export const JSON_TYPE = 'application/json';
export const APPLY_TYPE = 'application/apply-patch+yaml';
export const MERGE_TYPE = 'application/merge-patch+json';
export const JSON_PATCH_TYPE = 'application/json-patch+json';

export interface RequestOptions {
  readonly query?: Query;
  /** Sent as JSON (which is YAML too, so apply patches go the same way). */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** For the whole exchange; default 30 s. */
  readonly timeoutMs?: number;
}

export interface WatchOptions {
  readonly query?: Query;
  readonly accept?: string;
  readonly signal: AbortSignal;
  /** No byte for so long: the connection is taken for dead and the watch fails with reason Stalled. */
  readonly idleTimeoutMs: number;
  readonly onOpen?: () => void;
  /** Each JSON value of the stream, in order. What it throws ends the watch and comes out of it. */
  readonly onValue: (value: unknown) => void;
}

/** The way to one API server. Every failure is an ApiError, but an abort rejects with the signal's reason. */
export interface Transport {
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<T>;
  /** Resolves when the server ends the stream in good order. */
  watch(path: string, options: WatchOptions): Promise<void>;
  /** Closes idle and busy connections. */
  close(): void;
}

export interface TransportOptions {
  /** Default: loadKubeConfig(). */
  readonly config?: KubeConfig;
  readonly clock?: Clock;
  readonly userAgent?: string;
  /** Requests in flight at once, watches not counted; more wait in line. Default 16. */
  readonly maxRequests?: number;
}

const REQUEST_TIMEOUT_MS = 30_000;
const ATTEMPTS = 4;
/** The server may ask for any wait; past this the caller should decide (and queues back off by themselves). */
const LONGEST_WAIT_MS = 10_000;

/** Connects to the cluster of a kubeconfig. Nothing is sent before the first request. */
export function createTransport(options: TransportOptions = {}): Transport {
  const clock = options.clock ?? systemClock;
  const credentials = new Credentials({
    config: options.config ?? loadKubeConfig(),
    clock,
    maxRequests: options.maxRequests ?? 16,
  });
  const userAgent = options.userAgent ?? 'heddle';

  async function request<T>(method: Method, path: string, call: RequestOptions = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await exchange<T>(await credentials.session(), { method, path, call, userAgent, clock });
      } catch (error) {
        const wait = attempt < ATTEMPTS ? retryDelay(error, method, call, attempt) : undefined;
        if (wait === undefined) throw error;
        if (error instanceof ApiError && error.status === 401) credentials.invalidate();
        await sleep(clock, wait, call.signal);
        call.signal?.throwIfAborted();
      }
    }
  }

  async function watch(path: string, call: WatchOptions): Promise<void> {
    try {
      await stream(await credentials.session(), { path, call, userAgent, clock });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) credentials.invalidate();
      throw error;
    }
  }

  return { request, watch, close: () => credentials.close() };
}

/** Pure: after how long the same request may be sent again by itself; undefined when the caller must decide. */
export function retryDelay(
  error: unknown,
  method: Method,
  call: RequestOptions,
  attempt: number,
): number | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 401) return attempt === 1 ? 0 : undefined;
  if (error.status === 429) {
    const wait = error.retryAfterMs ?? 1000;
    return wait <= LONGEST_WAIT_MS ? wait : undefined;
  }
  const repeatable = method === 'GET' || call.contentType === APPLY_TYPE;
  // A kept-alive connection that the server closed just as we used it: one more try on a fresh one.
  if (error.reason === 'Lost' && repeatable) return attempt === 1 ? 0 : undefined;
  return undefined;
}

interface Outgoing {
  readonly method: Method;
  readonly path: string;
  readonly call: RequestOptions;
  readonly userAgent: string;
  readonly clock: Clock;
}

async function exchange<T>(session: Session, outgoing: Outgoing): Promise<T> {
  const { method, path, call, clock } = outgoing;
  const deadline = startDeadline(clock, call.timeoutMs ?? REQUEST_TIMEOUT_MS, call.signal);
  try {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const request = open(session, {
      method,
      path,
      query: call.query,
      signal: deadline.signal,
      agent: session.agents.requests,
      headers: {
        Accept: call.accept ?? JSON_TYPE,
        'User-Agent': outgoing.userAgent,
        ...(body === undefined ? {} : bodyHeaders(body, call.contentType ?? JSON_TYPE)),
      },
    });
    request.end(body);
    const response = await responseOf(request);
    const text = await readAll(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw parseErrorBody(status, text, response.headers['retry-after']);
    return JSON.parse(text) as T;
  } catch (error) {
    call.signal?.throwIfAborted();
    if (deadline.passed) throw unanswered('Timeout', `${method} ${path}: no answer in time`);
    throw asApiError(error, `${method} ${path}`);
  } finally {
    deadline.end();
  }
}

interface Streaming {
  readonly path: string;
  readonly call: WatchOptions;
  readonly userAgent: string;
  readonly clock: Clock;
}

async function stream(session: Session, { path, call, userAgent, clock }: Streaming): Promise<void> {
  const idle = startDeadline(clock, call.idleTimeoutMs, call.signal);
  try {
    const request = open(session, {
      method: 'GET',
      path,
      query: call.query,
      signal: idle.signal,
      agent: session.agents.watches,
      headers: { Accept: call.accept ?? JSON_TYPE, 'User-Agent': userAgent },
    });
    request.end();
    const response = await responseOf(request);
    idle.extend();
    const status = response.statusCode ?? 0;
    if (status >= 400) {
      throw parseErrorBody(status, await readAll(response), response.headers['retry-after']);
    }
    call.onOpen?.();
    const lines = new LineSplitter((line) => call.onValue(JSON.parse(line)));
    for await (const chunk of response as AsyncIterable<Buffer>) {
      idle.extend();
      lines.push(chunk);
    }
  } catch (error) {
    call.signal.throwIfAborted();
    const seconds = Math.round(call.idleTimeoutMs / 1000);
    if (idle.passed) throw unanswered('Stalled', `watch ${path}: no byte for ${seconds} s`);
    throw asApiError(error, `watch ${path}`);
  } finally {
    idle.end();
  }
}

interface OpenOptions {
  readonly method: Method;
  readonly path: string;
  readonly query: Query | undefined;
  readonly signal: AbortSignal;
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string | number>>;
}

function open(session: Session, options: OpenOptions): ClientRequest {
  const { base } = session;
  const prefix = base.pathname.replace(/\/$/, '');
  const send = base.protocol === 'http:' ? http.request : https.request;
  return send({
    protocol: base.protocol,
    hostname: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port || (base.protocol === 'http:' ? 80 : 443),
    path: `${prefix}${options.path}${renderQuery(options.query)}`,
    method: options.method,
    headers: { ...session.headers, ...options.headers },
    agent: options.agent,
    signal: options.signal,
  });
}

/** Pure: `?a=b`, or nothing. */
export function renderQuery(query: Query | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}

function bodyHeaders(body: string, contentType: string): Readonly<Record<string, string | number>> {
  return { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) };
}

function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    // For good: a socket error after the response is emitted here too, and unheard it would end the process.
    request.on('error', reject);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

function asApiError(error: unknown, what: string): unknown {
  if (error instanceof ApiError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  // Anything without a system code is ours (a value that does not parse, a consumer that threw): let it be seen.
  if (!(error instanceof Error) || code === undefined) return error;
  return unanswered(LOST_CODES.has(code) ? 'Lost' : 'Unreachable', `${what}: ${error.message}`, error);
}

function unanswered(reason: string, message: string, cause?: unknown): ApiError {
  return new ApiError({ status: 0, reason, message, cause });
}
