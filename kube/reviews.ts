// SPDX-License-Identifier: Apache-2.0
import type { Refusal } from './base/access.ts';
import type { Transport } from './transport.ts';

const TIMEOUT_MS = 5000;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly audiences?: readonly string[];
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

interface AccessReview {
  readonly status?: { readonly allowed?: boolean };
}

/**
 * Asks the API server whose token this is, and whether its account may `get` the path. Undefined when it may. Rejects
 * when the API server does not answer.
 */
export async function reviewToken(
  transport: Transport,
  asked: { readonly token: string; readonly audience: string | undefined; readonly path: string },
): Promise<Refusal | undefined> {
  const { token, audience, path } = asked;
  const review = await post<TokenReview>(transport, 'authentication.k8s.io', 'TokenReview', {
    token,
    ...(audience === undefined ? {} : { audiences: [audience] }),
  });
  const { authenticated, audiences = [], user } = review.status ?? {};
  const isForUs = audience === undefined || audiences.includes(audience);
  if (!authenticated || !isForUs || !user?.username) {
    // The API server passes a 401 of ours on, and its client would take it for one about its own credentials.
    return {
      status: audience === undefined ? 401 : 403,
      message: 'the token is not valid, or not for this audience',
    };
  }
  const { username, uid, groups, extra } = user;
  const access = await post<AccessReview>(transport, 'authorization.k8s.io', 'SubjectAccessReview', {
    user: username,
    uid,
    groups,
    extra,
    nonResourceAttributes: { path, verb: 'get' },
  });
  if (access.status?.allowed) return undefined;
  return { status: 403, message: `${username} may not get ${path} (nonResourceURLs of a ClusterRole)` };
}

function post<T>(transport: Transport, group: string, kind: string, spec: object): Promise<T> {
  const apiVersion = `${group}/v1`;
  return transport.request<T>('POST', `/apis/${apiVersion}/${kind.toLowerCase()}s`, {
    body: { apiVersion, kind, spec },
    timeoutMs: TIMEOUT_MS,
  });
}
