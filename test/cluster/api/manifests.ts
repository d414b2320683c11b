// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { load } from 'js-yaml';
import { apiVersion, internalApiVersion, plurals } from '../../../api/index.ts';
import { ApiError } from '../../../kube/api-error.ts';
import { createTransport, type Transport } from '../../../kube/transport.ts';

export type HeddleKind = keyof typeof plurals;

/** A Heddle object as a user writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: HeddleKind;
  readonly metadata: { readonly name: string };
  readonly spec?: unknown;
}

export interface CorpusFile {
  readonly name: string;
  readonly manifest: Manifest;
  /** The lines `# key: text` at the top of the file. */
  readonly expect: Readonly<Record<string, string>>;
}

const corpus = new URL('./corpus/', import.meta.url).pathname;

/** The files of one folder of the corpus, by name. */
export function readCorpus(folder: 'valid' | 'invalid'): readonly CorpusFile[] {
  return readdirSync(join(corpus, folder))
    .sort()
    .map((file) => {
      const text = readFileSync(join(corpus, folder, file), 'utf8');
      const lines = text.matchAll(/^# (\w+): (.*)$/gm);
      return {
        name: basename(file, '.yaml'),
        manifest: load(text) as Manifest,
        expect: Object.fromEntries([...lines].map(([, key, value]) => [key, value])),
      };
    });
}

/** The answer of the API server to an object: undefined when it accepted it, else its message. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** The apiVersion of a kind. */
function apiVersionOf(kind: HeddleKind): string {
  return kind === 'ChainSlice' || kind === 'NodeReport' ? internalApiVersion : apiVersion;
}

/**
 * A finalizer that keeps an object which the operator of a running Heddle would delete, such as a Port without a pod.
 */
const keep = 'test.heddle.dev/keep';

export interface ApiServer {
  /** Sends an object by a dry run: returns whether the API server would accept it. */
  tryCreate(manifest: Manifest): Promise<Refusal | undefined>;
  /** Creates an object, which stays until `release`. */
  create(manifest: Manifest): Promise<void>;
  /** Lets all created objects be deleted. */
  release(): Promise<void>;
  /** Sends a change (a merge patch) of an existing object by a dry run. */
  tryChange(kind: HeddleKind, name: string, patch: unknown): Promise<Refusal | undefined>;
  readonly transport: Transport;
}

/** The API server of $KUBECONFIG, for objects of one namespace. */
export function openApiServer(namespace: string): ApiServer {
  const transport = createTransport();
  const path = (kind: HeddleKind) => `/apis/${apiVersionOf(kind)}/namespaces/${namespace}/${plurals[kind]}`;
  const strict = { fieldValidation: 'Strict' };
  const dryRun = { ...strict, dryRun: 'All' };
  const made: string[] = [];
  return {
    transport,
    tryCreate: (manifest) =>
      refusalOf(
        transport.request('POST', path(manifest.kind), { query: dryRun, body: manifest, timeoutMs: 60_000 }),
      ),
    create: async (manifest) => {
      const metadata = { ...manifest.metadata, finalizers: [keep] };
      const body = { ...manifest, metadata };
      await transport.request('POST', path(manifest.kind), { query: strict, body, timeoutMs: 60_000 });
      made.push(`${path(manifest.kind)}/${manifest.metadata.name}`);
    },
    release: async () => {
      const body = { metadata: { finalizers: null } };
      const contentType = 'application/merge-patch+json';
      for (const object of made.splice(0)) await transport.request('PATCH', object, { body, contentType });
      transport.close();
    },
    tryChange: (kind, name, patch) =>
      refusalOf(
        transport.request('PATCH', `${path(kind)}/${name}`, {
          query: dryRun,
          body: patch,
          contentType: 'application/merge-patch+json',
        }),
      ),
  };
}

/** The refusal of an object. A server that is unreachable or lacks the kind is an error instead. */
async function refusalOf(request: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 422 || error.status === 400)) {
      return { status: error.status, message: error.message };
    }
    throw error;
  }
}
