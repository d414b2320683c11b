// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { readerAccount, tokenAudience, tokenHeader } from '../api/names.ts';
import { plainValue } from '../api/plain-text.ts';
import { ApiError } from '../kube/api-error.ts';
import { renderQuery } from '../kube/exchange.ts';
import { objectPath, resources } from '../kube/resource.ts';
import type { Query } from '../kube/transport.ts';
import type { WirePod } from '../kube/wire.ts';
import type { Cluster } from './cluster.ts';
import { Complaint, complainOf } from './complaint.ts';

/** A request to the program in a pod. */
export interface Question {
  readonly path: string;
  readonly query?: Query;
}

const TIMEOUT_MS = 10_000;
/** Lifetime of a token; the shortest that the API server gives. */
const TOKEN_SECONDS = 600;

/**
 * Asks a program for what it tells everybody, through the API server. The caller needs the right to `get pods/proxy`
 * there, and no network path to the pod.
 */
export function askPod<T>(cluster: Cluster, pod: WirePod, question: Question): Promise<T> {
  return askThroughProxy<T>(cluster, pod, { ...question, scheme: 'http', headers: {} });
}

/**
 * Asks an agent, through the API server. The API server removes the user's own credentials, so a token of the account
 * `heddle-reader` goes along: who may create one, may ask agents.
 */
export async function askAgent<T>(cluster: Cluster, pod: WirePod, question: Question): Promise<T> {
  const headers = { [tokenHeader]: await tokenFor(cluster, pod.metadata?.namespace ?? '') };
  try {
    return await askThroughProxy<T>(cluster, pod, { ...question, scheme: 'https', headers });
  } catch (error) {
    if (!isFormerAgent(error)) throw error;
    return askPod<T>(cluster, pod, question);
  }
}

/** Whether the agent is of the release before, which answers by HTTP only. It gets no token. */
function isFormerAgent(error: unknown): boolean {
  return error instanceof Complaint && /server gave HTTP response to HTTPS client/.test(error.message);
}

async function askThroughProxy<T>(
  cluster: Cluster,
  pod: WirePod,
  call: Question & {
    readonly scheme: 'http' | 'https';
    readonly headers: Readonly<Record<string, string>>;
  },
): Promise<T> {
  const { name = '', namespace } = pod.metadata ?? {};
  const { path, query, scheme, headers } = call;
  const target = `${scheme === 'https' ? 'https:' : ''}${name}:${httpPortOf(pod)}`;
  const ref = { resource: resources.pods, namespace, name: target };
  try {
    return await cluster.transport.request<T>('GET', `${objectPath(ref, 'proxy')}${path}`, {
      timeoutMs: TIMEOUT_MS,
      headers,
      ...(query ? { query } : {}),
    });
  } catch (error) {
    throw complainOf(error, { verb: 'get', resource: 'pods/proxy', namespace });
  }
}

/** The tokens of a cluster, by namespace of the account. */
const tokens = new WeakMap<
  Cluster,
  Map<string, { readonly token: Promise<string>; readonly until: number }>
>();

function tokenFor(cluster: Cluster, namespace: string): Promise<string> {
  const known = tokens.get(cluster) ?? new Map();
  tokens.set(cluster, known);
  const found = known.get(namespace);
  if (found && performance.now() < found.until) return found.token;
  const token = createToken(cluster, namespace);
  // Renewed at half its life, since `drops --watch` may run for hours.
  known.set(namespace, { token, until: performance.now() + (TOKEN_SECONDS * 1000) / 2 });
  token.catch(() => known.delete(namespace));
  return token;
}

async function createToken(cluster: Cluster, namespace: string): Promise<string> {
  const ref = { resource: resources.serviceAccounts, namespace, name: readerAccount };
  const body = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: [tokenAudience], expirationSeconds: TOKEN_SECONDS },
  };
  try {
    const made = await cluster.transport.request<{ readonly status: { readonly token: string } }>(
      'POST',
      objectPath(ref, 'token'),
      { body },
    );
    return made.status.token;
  } catch (error) {
    // An installation of the release before has no such account, and its agents ask for no token.
    if (error instanceof ApiError && error.status === 404) return '-';
    throw complainOf(error, { verb: 'create', resource: 'serviceaccounts/token', namespace });
  }
}

/**
 * Asks the program of a function. It answers inside its pod, so the request goes by port-forward. The caller needs the
 * right to `create pods/portforward` there.
 */
export async function askFunction<T>(cluster: Cluster, pod: WirePod, question: Question): Promise<T> {
  const { name = '', namespace = '' } = pod.metadata ?? {};
  const connection = await cluster.forward({ namespace, name }, httpPortOf(pod));
  const path = `${question.path}${renderQuery(question.query)}`;
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = http.get({
        path,
        headers: { Host: 'localhost', Connection: 'close' },
        createConnection: () => connection,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      request.on('error', reject);
      request.once('response', (response) => {
        readJson<T>(response).then(resolve, reject);
      });
    });
  } catch (error) {
    if (error instanceof Complaint) throw error;
    throw new Complaint(`pod ${namespace}/${name} does not answer: ${(error as Error).message}`);
  } finally {
    connection.destroy();
  }
}

async function readJson<T>(response: http.IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text.slice(0, 300)}`);
  return plainValue(JSON.parse(text) as T);
}

/**
 * The container port of our program, by the names that the chart and the operator use: `heddle` beside a user's
 * container, which may name one of its own ports `http`.
 */
function httpPortOf(pod: WirePod): number {
  const ports = pod.spec?.containers?.flatMap((container) => container.ports ?? []) ?? [];
  const found = ports.find(({ name }) => name === 'heddle') ?? ports.find(({ name }) => name === 'http');
  if (!found) throw new Complaint(`pod ${pod.metadata?.name} has no container port named http`);
  return found.containerPort;
}
