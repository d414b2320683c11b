// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from 'node:net';
import { formatEndpoint } from '../../api/net/endpoint.ts';
import type { CheckOutcome } from './health.ts';

/** What a health check asks of a backend. */
export type Question =
  | { readonly kind: 'Tcp' }
  | { readonly kind: 'Http'; readonly path: string; readonly first: number; readonly last: number };

export interface Target {
  readonly address: string;
  readonly port: number;
}

/** Opens a connection on the network of the backends. */
export type Connect = (target: Target) => Socket;

/** Checks one backend once. Never throws: an error is a result. */
export function probe(
  target: Target,
  {
    question,
    timeoutMs,
    open = plainConnect,
  }: {
    readonly question: Question;
    readonly timeoutMs: number;
    readonly open?: Connect;
  },
): Promise<CheckOutcome> {
  return new Promise((resolve) => {
    const socket = open(target);
    const end = (outcome: CheckOutcome): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      // Later errors do not matter, but without a listener they would be thrown.
      socket.on('error', () => undefined);
      // Close by a reset: a thousand backends checked twice a second would leave a port in TIME_WAIT each.
      socket.resetAndDestroy();
      resolve(outcome);
    };
    const timer = setTimeout(
      () => end({ ok: false, message: `no answer within ${timeoutMs} ms`, silent: true }),
      timeoutMs,
    );
    socket.on('error', (error) => end({ ok: false, ...describe(error, target) }));
    if (question.kind === 'Tcp') {
      socket.on('connect', () => end({ ok: true }));
      return;
    }
    let head = '';
    socket.on('connect', () => socket.write(renderRequest(question.path, target)));
    socket.on('data', (data) => {
      head += data.toString('latin1');
      if (head.includes('\n') || head.length > LONGEST_LINE) end(judgeStatus(head, question));
    });
    socket.on('end', () => end({ ok: false, message: 'closed the connection without an answer' }));
  });
}

const LONGEST_LINE = 1024;

function plainConnect({ address, port }: Target): Socket {
  return connect({ host: address, port, noDelay: true });
}

function renderRequest(path: string, { address, port }: Target): string {
  const host = formatEndpoint(address, port);
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: heddle-health-check\r\nAccept: */*\r\nConnection: close\r\n\r\n`;
}

/** Pure: whether the first line of an HTTP response has an expected status. */
export function judgeStatus(
  head: string,
  { first, last }: { readonly first: number; readonly last: number },
): CheckOutcome {
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?:[ \r\n])/.exec(head)?.[1]);
  if (Number.isNaN(status)) return { ok: false, message: 'did not answer in HTTP/1.1' };
  if (status >= first && status <= last) return { ok: true };
  return {
    ok: false,
    message: `answered ${status}, expected ${first === last ? first : `${first}-${last}`}`,
  };
}

function describe(
  error: Error,
  { address, port }: Target,
): { readonly message: string; readonly silent?: boolean } {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ECONNREFUSED':
      return { message: `${address} refuses connections at port ${port}` };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { message: `${address} cannot be reached`, silent: true };
    case 'ECONNRESET':
      return { message: `${address} reset the connection` };
    default:
      return { message: (code ?? error.message).slice(0, 200), silent: true };
  }
}
