// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { TlsOptions } from 'node:tls';

/** Why a request is not answered. */
export interface Refusal {
  /** 426: the client must ask by TLS. Older clients show the message, as they do not for 403. */
  readonly status: 401 | 403 | 426 | 429 | 503;
  readonly message: string;
}

/** Who may ask a program for more than its health. */
export interface Access {
  /** Keys of the server, for connections by TLS. */
  readonly tls: TlsOptions;
  /** Undefined when the request is admitted. */
  refuse(request: IncomingMessage): Promise<Refusal | undefined>;
}

/** Pure: whether a request came from the program's own network namespace, and not over the network. */
export function isLocal({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  const address = socket.remoteAddress ?? '';
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Pure: whether a request came by TLS. */
export function isEncrypted({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}
