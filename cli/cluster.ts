// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import { plainValue } from '../api/plain-text.ts';
import { loadKubeConfig } from '../kube/credentials.ts';
import { listAll } from '../kube/list.ts';
import type { KubeObject } from '../kube/object.ts';
import { apiVersionOf, collectionPath, objectPath, type Resource } from '../kube/resource.ts';
import { createTransport, type Query, type Transport } from '../kube/transport.ts';
import { Complaint, complainOf } from './complaint.ts';
import type { CommonOptions } from './options.ts';
import { openForward } from './port-forward.ts';

const PAGE = 500;

/**
 * The cluster as the user sees it: with their rights, and the namespace of their context. It is only read, except that
 * `askAgent` gets a token.
 */
export interface Cluster {
  /** The namespace of the context; `default` if the context names none. */
  readonly namespace: string;
  /** Lists all objects of a resource, in one namespace or in all. Failures are Complaints. */
  list<T extends KubeObject>(
    resource: Resource,
    options?: { readonly namespace?: string | undefined; readonly query?: Query },
  ): Promise<readonly T[]>;
  get<T extends KubeObject>(resource: Resource, name: string, namespace?: string): Promise<T>;
  /** A connection to a port of a pod, from inside the pod, as `kubectl port-forward` opens it. */
  forward(pod: { readonly namespace: string; readonly name: string }, port: number): Promise<Duplex>;
  /** The transport itself, for callers that handle its errors themselves. */
  readonly transport: Transport;
  close(): void;
}

/** Opens the cluster of a kubeconfig, without a request yet. */
export function openCluster(options: CommonOptions): Cluster {
  const config = readKubeConfig(options);
  const transport = withPlainTexts(createTransport({ config, userAgent: 'kubectl-heddle' }));
  const context = config.getContextObject(config.getCurrentContext());
  return {
    namespace: context?.namespace ?? 'default',
    list: async <T extends KubeObject>(
      resource: Resource,
      { namespace, query }: { readonly namespace?: string | undefined; readonly query?: Query } = {},
    ) => {
      const path = collectionPath(resource, namespace);
      // The items of a list have neither kind nor version.
      const own = { apiVersion: apiVersionOf(resource), kind: resource.kind };
      const transform = (object: KubeObject): T => ({ ...own, ...object }) as T;
      try {
        const listed = await listAll<T>(transport, path, {
          pageSize: PAGE,
          transform,
          ...(query ? { query } : {}),
        });
        return listed.objects;
      } catch (error) {
        throw complainOf(error, { verb: 'list', resource: fullName(resource), namespace });
      }
    },
    get: async <T extends KubeObject>(resource: Resource, name: string, namespace?: string) => {
      try {
        return await transport.request<T>('GET', objectPath({ resource, name, namespace }));
      } catch (error) {
        throw complainOf(error, { verb: 'get', resource: fullName(resource), namespace });
      }
    },
    forward: (pod, port) => openForward(config, { ...pod, port }),
    transport,
    close: () => transport.close(),
  };
}

/**
 * A transport whose answers contain no control characters. Names, conditions and reports may have been written by
 * other tenants, and what is printed must not act on the terminal. This is the one place for it: verbs print texts as
 * they get them.
 */
function withPlainTexts(transport: Transport): Transport {
  return {
    ...transport,
    request: async <T>(...call: Parameters<Transport['request']>) =>
      plainValue(await transport.request<T>(...call)),
    watch: (path, options) =>
      transport.watch(path, { ...options, onValue: (value) => options.onValue(plainValue(value)) }),
  };
}

/** Pure: `pods`, `servicechains.heddle.dev`. */
export function fullName({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function readKubeConfig({ kubeconfig, context }: CommonOptions): KubeConfig {
  if (kubeconfig !== undefined && !existsSync(kubeconfig)) {
    throw new Complaint(`--kubeconfig: there is no file ${kubeconfig}`);
  }
  const config = loadConfig(kubeconfig);
  if (context !== undefined) {
    const names = config.getContexts().map(({ name }) => name);
    if (!names.includes(context)) {
      throw new Complaint(`--context: "${context}" is not one of ${names.join(', ') || '(none)'}`);
    }
    config.setCurrentContext(context);
  }
  if (!config.getCurrentCluster()) {
    throw new Complaint('no cluster: give --kubeconfig, set KUBECONFIG, or choose one with --context');
  }
  return config;
}

function loadConfig(path: string | undefined): KubeConfig {
  try {
    return loadKubeConfig(path);
  } catch (error) {
    throw new Complaint(`the kubeconfig cannot be read: ${(error as Error).message}`);
  }
}
