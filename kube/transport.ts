// SPDX-License-Identifier: Apache-2.0
import type { KubeConfig } from '@kubernetes/client-node';
import { ApiError } from './api-error.ts';
import { type Clock, sleep, systemClock } from './base/clock.ts';
import { Credentials, loadKubeConfig } from './credentials.ts';
import { exchange, stream } from './exchange.ts';
import { APPLY_TYPE, type Method, type RequestOptions, type WatchOptions } from './request.ts';

export {
  APPLY_TYPE,
  JSON_TYPE,
  MERGE_TYPE,
  type Method,
  type Query,
  type RequestOptions,
  type WatchOptions,
} from './request.ts';

/**
 * A connection to one API server. Every failure is an ApiError, except that an abort rejects with the signal's
 * reason.
 */
export interface Transport {
  request<T>(method: Method, path: string, options?: RequestOptions): Promise<T>;
  /** Runs a watch; resolves when the server ends the stream without error. */
  watch(path: string, options: WatchOptions): Promise<void>;
  /** Closes idle and busy connections. */
  close(): void;
}

export interface TransportOptions {
  /** Default: loadKubeConfig(). */
  readonly config?: KubeConfig;
  readonly clock?: Clock;
  readonly userAgent?: string;
  /** Most requests in flight, without watches; more wait in line. Default 16. */
  readonly maxRequests?: number;
}

const ATTEMPTS = 4;
/**
 * Longest wait that the server may ask for and that is done here. The caller decides about longer ones (queues have
 * their own back-off).
 */
const LONGEST_WAIT_MS = 10_000;

/** Creates a transport to the cluster of a kubeconfig. Nothing is sent before the first request. */
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

/** Pure: the delay before the same request may be sent again automatically; undefined when the caller must decide. */
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
  // The server closed a kept-alive connection just as it was used: try once more on a new one.
  if (error.reason === 'Lost' && repeatable) return attempt === 1 ? 0 : undefined;
  return undefined;
}
