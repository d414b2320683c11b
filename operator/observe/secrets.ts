// SPDX-License-Identifier: Apache-2.0
import { annotations, apiVersion, workloadKinds } from '../../api/index.ts';
import { type Key, keyOf } from '../../api/key.ts';
import { reportKeyNameOf, reportKeys } from '../../api/report-key.ts';
import { gatewayEntry } from '../../api/vpn-gateway.ts';
import { gatewaySecretNamesOf, peerEntries, peerSecretNameOf } from '../../api/vpn-names.ts';
import { isNotFound } from '../../kube/api-error.ts';
import { jittered } from '../../kube/base/backoff.ts';
import type { Logger } from '../../kube/base/log.ts';
import type { KubeObject } from '../../kube/object.ts';
import { objectPath, resources } from '../../kube/resource.ts';
import type { Store, StoreWriter } from '../../kube/store.ts';
import type { Transport } from '../../kube/transport.ts';
import type { Secret } from './stores.ts';

const RETRY_MS = 1000;
/** Most characters of a key in base64, and of a peer's file. Longer ones were not made by the operator. */
const KEY_LENGTH = 128;
const FILE_LENGTH = 16 * 1024;
const MARK_LENGTH = 256;

const entryLengths: Readonly<Record<string, number>> = {
  [reportKeys.entry]: KEY_LENGTH,
  [peerEntries.privateKey]: KEY_LENGTH,
  [peerEntries.publicKey]: KEY_LENGTH,
  [peerEntries.presharedKey]: KEY_LENGTH,
  [peerEntries.file]: FILE_LENGTH,
  // As long as a Secret may be.
  [gatewayEntry]: Number.POSITIVE_INFINITY,
};

/** Pure: whether the operator makes a Secret with this name for the owner of this one. */
export function isOfOperator({ metadata }: KubeObject): boolean {
  return (metadata?.ownerReferences ?? []).some((owner) => {
    if (owner.apiVersion !== apiVersion) return false;
    return namesOf(owner).some((name) => name === metadata?.name);
  });
}

function namesOf({ kind, name }: { readonly kind: string; readonly name: string }): readonly string[] {
  if (kind === 'VPNPeer') return [peerSecretNameOf(name)];
  if (!workloadKinds.some((each) => each === kind)) return [];
  return [reportKeyNameOf(kind, name), ...(kind === 'VPN' ? gatewaySecretNamesOf(name) : [])];
}

/** Pure: a Secret with the entries that the operator reads. */
export function slimSecret({ apiVersion: version, kind, metadata = {}, data = {} }: Secret): Secret {
  const { name, namespace, uid, resourceVersion, creationTimestamp, labels, ownerReferences } = metadata;
  const mark = metadata.annotations?.[annotations.fileChanged];
  const kept = Object.entries(data).filter(([entry, value]) => value.length <= (entryLengths[entry] ?? -1));
  return {
    apiVersion: version,
    kind,
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion,
      creationTimestamp,
      labels,
      ownerReferences,
      ...(mark !== undefined && mark.length <= MARK_LENGTH
        ? { annotations: { [annotations.fileChanged]: mark } }
        : {}),
    },
    data: Object.fromEntries(kept),
  } as Secret;
}

/**
 * SecretLoader takes the metadata of Secrets from a watch, reads those that the operator makes, and keeps them in a
 * store. Anybody may give a Secret the label of the watch, so nothing else is read.
 */
export class SecretLoader implements StoreWriter<KubeObject> {
  readonly name: string;
  readonly #options: { readonly transport: Transport; readonly store: Store<Secret>; readonly log: Logger };
  /** The newest metadata of each Secret that must be in the store. */
  readonly #wanted = new Map<Key, KubeObject>();
  /** The Secrets whose newest version is being read. A key leaves at the moment when its loop ends. */
  readonly #busy = new Set<Key>();
  readonly #loading = new Map<Key, Promise<void>>();

  constructor(options: {
    readonly transport: Transport;
    readonly store: Store<Secret>;
    readonly log: Logger;
  }) {
    this.#options = options;
    this.name = options.store.name;
  }

  set(object: KubeObject): void {
    const key = keyOf(object);
    if (!isOfOperator(object)) {
      this.delete(key);
      return;
    }
    this.#wanted.set(key, object);
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    const loading = this.#load(key);
    this.#loading.set(key, loading);
    void loading.then(() => {
      if (this.#loading.get(key) === loading) this.#loading.delete(key);
    });
  }

  delete(key: Key): void {
    this.#wanted.delete(key);
    this.#options.store.delete(key);
  }

  replace(objects: Iterable<KubeObject>): void {
    const listed = new Map([...objects].map((object) => [keyOf(object), object]));
    for (const key of [...this.#wanted.keys()]) if (!listed.has(key)) this.delete(key);
    for (const object of listed.values()) this.set(object);
  }

  /** Resolves when everything that the watch has shown until now is read. */
  async loaded(): Promise<void> {
    await Promise.all(this.#loading.values());
  }

  /** Reads until the store has the wanted version. Ends and leaves `#busy` in one step, so that no event is missed. */
  async #load(key: Key): Promise<void> {
    try {
      for (;;) {
        const wanted = this.#wanted.get(key);
        if (!wanted || isSameVersion(this.#options.store.get(key), wanted)) return;
        const read = await this.#tryRead(key, wanted);
        // The watch may have shown another version meanwhile.
        if (read === 'Failed' || this.#wanted.get(key) !== wanted) continue;
        if (read && isOfOperator(read)) this.#options.store.set(read);
        else this.delete(key);
        return;
      }
    } finally {
      this.#busy.delete(key);
    }
  }

  async #tryRead(key: Key, wanted: KubeObject): Promise<Secret | undefined | 'Failed'> {
    try {
      return await this.#read(wanted);
    } catch (error) {
      this.#options.log.warn({ secret: key, error }, 'cannot be read, trying again');
      await new Promise((resolve) => setTimeout(resolve, jittered(RETRY_MS, 1, Math.random())).unref());
      return 'Failed';
    }
  }

  async #read({ metadata }: KubeObject): Promise<Secret | undefined> {
    const { name = '', namespace } = metadata ?? {};
    try {
      const path = objectPath({ resource: resources.secrets, namespace, name });
      return slimSecret(await this.#options.transport.request<Secret>('GET', path));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

function isSameVersion(a: KubeObject | undefined, b: KubeObject): boolean {
  return a?.metadata?.uid === b.metadata?.uid && a?.metadata?.resourceVersion === b.metadata?.resourceVersion;
}
