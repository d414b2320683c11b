// SPDX-License-Identifier: Apache-2.0
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ApiError, parseErrorBody } from './api-error.ts';
import type { Clock } from './base/clock.ts';
import { startDeadline } from './base/deadline.ts';
import { LineSplitter } from './base/lines.ts';
import type { Session } from './credentials.ts';
import { JSON_TYPE, type Method, type Query, type RequestOptions, type WatchOptions } from './request.ts';

const REQUEST_TIMEOUT_MS = 30_000;
/**
 * Timeout for the TCP handshake only. A SYN may get no answer (kube-proxy rejects for a service without endpoints,
 * and the kernel limits rejections per second). The kernel repeats the SYN after 1, 3, 7 and 15 s, so without this
 * timeout a server that came back would not be noticed in between.
 */
const CONNECT_TIMEOUT_MS = 1000;

export interface Outgoing {
  readonly method: Method;
  readonly path: string;
  readonly call: RequestOptions;
  readonly userAgent: string;
  readonly clock: Clock;
}

/** Sends one request and reads the whole answer. */
export async function exchange<T>(session: Session, outgoing: Outgoing): Promise<T> {
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
      clock,
      headers: {
        ...call.headers,
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

export interface Streaming {
  readonly path: string;
  readonly call: WatchOptions;
  readonly userAgent: string;
  readonly clock: Clock;
}

/** Runs one watch until the server ends it. */
export async function stream(session: Session, { path, call, userAgent, clock }: Streaming): Promise<void> {
  const idle = startDeadline(clock, call.idleTimeoutMs, call.signal);
  try {
    const request = open(session, {
      method: 'GET',
      path,
      query: call.query,
      signal: idle.signal,
      agent: session.agents.watches,
      clock,
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
  readonly clock: Clock;
}

function open(session: Session, options: OpenOptions): ClientRequest {
  const { base } = session;
  const prefix = base.pathname.replace(/\/$/, '');
  const send = base.protocol === 'http:' ? http.request : https.request;
  const request = send({
    protocol: base.protocol,
    hostname: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port || (base.protocol === 'http:' ? 80 : 443),
    path: `${prefix}${options.path}${renderQuery(options.query)}`,
    method: options.method,
    headers: { ...session.headers, ...options.headers },
    agent: options.agent,
    signal: options.signal,
  });
  request.once('socket', (socket) => endUnlessConnected(socket, options.clock));
  return request;
}

function endUnlessConnected(socket: Socket, clock: Clock): void {
  if (!socket.connecting) return;
  const cancel = clock.after(CONNECT_TIMEOUT_MS, () => {
    const error: NodeJS.ErrnoException = new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`);
    error.code = 'ETIMEDOUT';
    socket.destroy(error);
  });
  socket.once('connect', cancel);
  socket.once('close', cancel);
}

/** Pure: the query as `?a=b`, or an empty text. */
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
    // This listener is never removed: a socket error after the response is emitted here too, and without a listener
    // it would end the process.
    request.on('error', (error) => reject(isHandshake(request) ? refused(error) : error));
  });
}

/** Whether the connection of a request has not come up. A load balancer without a server behind it ends it here. */
function isHandshake({ socket }: ClientRequest): boolean {
  return (
    socket instanceof TLSSocket && (socket as TLSSocket & { secureConnecting: boolean }).secureConnecting
  );
}

function refused(cause: Error): Error {
  return Object.assign(new Error(`no TLS connection: ${cause.message}`, { cause }), { code: 'ECONNREFUSED' });
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
  // An error without a system code is our own (a value that does not parse, a consumer that threw), so pass it on.
  if (!(error instanceof Error) || code === undefined) return error;
  return unanswered(LOST_CODES.has(code) ? 'Lost' : 'Unreachable', `${what}: ${error.message}`, error);
}

function unanswered(reason: string, message: string, cause?: unknown): ApiError {
  return new ApiError({ status: 0, reason, message, cause });
}
