// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { tokenAudience, tokenHeader } from '../api/names.ts';
import { type Access, isEncrypted, type Refusal } from './base/access.ts';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { makeSelfSigned } from './base/self-signed.ts';
import { Decisions } from './decisions.ts';
import { FailureBudget } from './failure-budget.ts';
import { reviewToken } from './reviews.ts';
import type { Transport } from './transport.ts';

/** Longest token; those of Kubernetes have one to two thousand characters. */
const MOST_TOKEN = 8192;

const PLAIN: Refusal = {
  status: 426,
  message:
    'this is answered by HTTPS only, to a token of an account that may get this path (docs/troubleshooting.md, "Metrics"); an older kubectl-heddle asks by HTTP: upgrade it',
};
const NO_TOKEN: Refusal = { status: 401, message: 'the request has no token' };
const TOO_MANY: Refusal = {
  status: 429,
  message: 'too many requests of this address, or of all addresses together, were refused; wait a second',
};
const UNKNOWN: Refusal = {
  status: 503,
  message: 'the API server does not answer, so the token cannot be checked',
};

export interface TokenAccessOptions {
  /** A transport of its own, so that strangers' tokens delay no other request to the API server. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** Name in the certificate. */
  readonly name: string;
}

/**
 * Admits requests by HTTPS with a token whose account may `get` the path (nonResourceURLs of a ClusterRole), as
 * kube-rbac-proxy does. The API server removes the header Authorization from requests that it passes on, so a token may
 * also be in a header of Heddle's; such a token must be for Heddle's audience, with which the API server refuses it.
 */
export function createTokenAccess({ transport, clock, log, name }: TokenAccessOptions): Access {
  const decisions = new Decisions(clock);
  const failures = new FailureBudget(clock);
  return { tls: { ...makeSelfSigned(name, new Date(clock.now())), minVersion: 'TLSv1.2' }, refuse };

  async function refuse(request: IncomingMessage): Promise<Refusal | undefined> {
    if (!isEncrypted(request)) return PLAIN;
    const found = tokenOf(request);
    if (!found || found.token.length > MOST_TOKEN) return NO_TOKEN;
    const path = (request.url ?? '').split('?')[0] ?? '';
    const key = createHash('sha256').update(`${found.audience} ${path} ${found.token}`).digest('base64');
    const known = decisions.fresh(key);
    if (known) return known.refusal;
    const address = request.socket.remoteAddress ?? '';
    // Who was admitted before is asked about again whatever strangers do meanwhile.
    const wasAdmitted = decisions.wasAdmitted(key);
    if (!wasAdmitted && !failures.take(address)) return TOO_MANY;
    try {
      const refusal = await reviewToken(transport, { ...found, path });
      decisions.remember(key, refusal);
      if (!wasAdmitted && !refusal) failures.giveBack(address);
      return refusal;
    } catch (error) {
      log.warn({ error, path }, 'a token cannot be checked');
      if (!wasAdmitted) failures.giveBack(address);
      return wasAdmitted ? undefined : UNKNOWN;
    }
  }
}

interface Token {
  readonly token: string;
  /** The audience that the token must be for; undefined: that of the API server. */
  readonly audience: string | undefined;
}

function tokenOf({ headers }: IncomingMessage): Token | undefined {
  const own = headers[tokenHeader];
  if (typeof own === 'string' && own !== '') return { token: own, audience: tokenAudience };
  const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return bearer === undefined ? undefined : { token: bearer, audience: undefined };
}
