// SPDX-License-Identifier: Apache-2.0
import { loadKubeConfig } from '../../kube/credentials.ts';
import { collectionPath, objectPath, type Resource } from '../../kube/resource.ts';
import { createTransport, type Transport } from '../../kube/transport.ts';

/**
 * Reads objects without a kubectl process for each request: kubectl takes a tenth of a second of CPU time, and tests
 * read hundreds of times.
 */
export class Reader {
  readonly #transport: Transport;
  /** Resources by each name that kubectl takes: plural, singular, short, and each with its group. */
  #resources: Promise<ReadonlyMap<string, Resource>> | undefined;

  constructor(kubeconfig: string) {
    this.#transport = createTransport({ config: loadKubeConfig(kubeconfig), userAgent: 'heddle-test' });
  }

  async get(kind: string, name: string, namespace?: string): Promise<object> {
    const resource = await this.#resource(kind);
    return this.#transport.request<object>('GET', objectPath({ resource, namespace, name }));
  }

  /** Lists objects. Each item has its kind and version, as with kubectl. */
  async list(
    kind: string,
    options: { readonly namespace?: string; readonly selector?: string },
  ): Promise<object[]> {
    const resource = await this.#resource(kind);
    const query = options.selector === undefined ? {} : { labelSelector: options.selector };
    const path = collectionPath(resource, options.namespace);
    const { apiVersion, items } = await this.#transport.request<Listing>('GET', path, { query });
    return items.map((item) => ({ apiVersion, kind: resource.kind, ...item }));
  }

  async #resource(kind: string): Promise<Resource> {
    this.#resources ??= discover(this.#transport);
    const resources = await this.#resources.catch((error: unknown) => {
      this.#resources = undefined;
      throw error;
    });
    const found = resources.get(kind.toLowerCase());
    if (found) return found;
    // The resource may be added later.
    this.#resources = undefined;
    throw new Error(`the API server has no ${kind}`);
  }
}

interface Listing {
  readonly apiVersion: string;
  readonly items: readonly object[];
}

/** The used part of `apidiscovery.k8s.io/v2`. */
interface Discovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly { readonly version: string; readonly resources?: readonly Served[] }[];
  }[];
}

interface Served {
  readonly resource: string;
  readonly responseKind: { readonly kind: string };
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singularResource: string;
  readonly shortNames?: readonly string[];
}

const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

async function discover(transport: Transport): Promise<ReadonlyMap<string, Resource>> {
  const found = new Map<string, Resource>();
  for (const root of ['/api', '/apis']) {
    const { items } = await transport.request<Discovery>('GET', root, { accept: DISCOVERY });
    for (const { metadata, versions } of items) addGroup(found, metadata.name ?? '', versions[0]);
  }
  return found;
}

/** Adds the resources of a group. A name that several groups have refers to the first one, as with kubectl. */
function addGroup(
  found: Map<string, Resource>,
  group: string,
  served: Discovery['items'][number]['versions'][number] | undefined,
): void {
  for (const each of served?.resources ?? []) {
    const resource = {
      group,
      version: served!.version,
      plural: each.resource,
      kind: each.responseKind.kind,
      namespaced: each.scope === 'Namespaced',
    };
    for (const name of [each.resource, each.singularResource, ...(each.shortNames ?? [])]) {
      if (!found.has(name)) found.set(name, resource);
      if (group !== '') found.set(`${name}.${group}`, resource);
    }
  }
}
