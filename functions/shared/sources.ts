// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../api/key.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { Reflector, type ReflectorMetrics } from '../../kube/reflector.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import { Store } from '../../kube/store.ts';
import type { Transport } from '../../kube/transport.ts';
import type { ConfigMap, Secret } from '../../kube/wire.ts';

export interface SourcesOptions {
  readonly transport: Transport;
  readonly namespace: string;
  readonly log: Logger;
  readonly metrics: ReflectorMetrics;
  /** Called after each change of anything that is watched. */
  readonly onChange: () => void;
}

interface Watched {
  readonly store: Store<KubeObject>;
  readonly reflector: Reflector<KubeObject>;
  readonly abort: AbortController;
}

/**
 * Watches single objects, each by name: a function may read these and no others. While the API server is unreachable,
 * the last seen objects stay.
 */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** Watches one object until `keepConfigMaps`, `keepSecrets` or `stop` releases it. A second call changes nothing. */
  watch(resource: Resource, name: string): void {
    const id = idOf(resource, name);
    if (this.#watched.has(id)) return;
    const { transport, namespace, log, metrics, onChange } = this.#options;
    const store = new Store<KubeObject>({ name: id });
    const abort = new AbortController();
    const reflector = new Reflector<KubeObject>({
      transport,
      resource,
      store,
      log,
      metrics,
      namespace,
      fieldSelector: `metadata.name=${name}`,
    });
    this.#watched.set(id, { store, reflector, abort });
    store.subscribe(onChange);
    // A missing object changes no store, but the loop must know that it is missing.
    void reflector.synced.then(onChange);
    void reflector.run(abort.signal);
  }

  /** Watches exactly these ConfigMaps. The names include the ConfigMap of the selected pods. */
  keepConfigMaps(names: ReadonlySet<string>): void {
    this.#keep(resources.configMaps, names);
  }

  /** Watches exactly these Secrets. */
  keepSecrets(names: ReadonlySet<string>): void {
    this.#keep(resources.secrets, names);
  }

  #keep(resource: Resource, names: ReadonlySet<string>): void {
    for (const name of names) this.watch(resource, name);
    const wanted = new Set([...names].map((name) => idOf(resource, name)));
    for (const [id, { abort }] of this.#watched) {
      if (!id.startsWith(`${resource.plural}/`) || wanted.has(id)) continue;
      abort.abort();
      this.#watched.delete(id);
    }
  }

  /** Whether the API server has answered, for each watched object, whether the object exists. */
  get complete(): boolean {
    return [...this.#watched.values()].every(({ reflector }) => reflector.hasSynced);
  }

  get<T extends KubeObject>(resource: Resource, name: string): T | undefined {
    const watched = this.#watched.get(idOf(resource, name));
    return watched?.store.get(joinKey(this.#options.namespace, name)) as T | undefined;
  }

  configMap(name: string): ConfigMap | undefined {
    return this.get<ConfigMap>(resources.configMaps, name);
  }

  secret(name: string): Secret | undefined {
    return this.get<Secret>(resources.secrets, name);
  }

  stop(): void {
    for (const { abort } of this.#watched.values()) abort.abort();
    this.#watched.clear();
  }
}

function idOf(resource: Resource, name: string): string {
  return `${resource.plural}/${name}`;
}
