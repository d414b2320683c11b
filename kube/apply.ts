// SPDX-License-Identifier: Apache-2.0
import { ApiError, isInvalid, isNotFound } from './api-error.ts';
import { sameJson } from './base/same-json.ts';
import { describe, type KubeObject } from './object.ts';
import { apiVersionOf, collectionPath, type ObjectRef, objectPath, type Resource } from './resource.ts';
import { APPLY_TYPE, MERGE_TYPE, type RequestOptions, type Transport } from './transport.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Preconditions of a write. If one does not hold when the server carries out the write, it answers Conflict. */
export interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface DeleteOptions extends Preconditions {
  /** Seconds until the kubelet kills a pod. Default: the pod's own. */
  readonly gracePeriodSeconds?: number;
}

export interface WriterOptions {
  readonly transport: Transport;
  /** Field manager, the owner of the applied fields: `heddle-operator`. */
  readonly fieldManager: string;
  /** Called before each write. When it returns false the write fails (the replica is not the leader). */
  readonly mayWrite?: () => boolean;
  /** Timeout of each request. Default: that of the transport. */
  readonly timeoutMs?: number;
}

/** The outcome of a status write: `written` says whether a request was made. */
export interface StatusWrite<T> {
  readonly written: boolean;
  readonly object: T;
}

/** This replica does not hold the lease, so it must not write. */
export class NotLeaderError extends Error {
  override readonly name = 'NotLeaderError';
}

/** Writer writes to the API. Every method returns the object as the server has it now, and throws ApiError. */
export class Writer {
  readonly #transport: Transport;
  readonly #fieldManager: string;
  readonly #mayWrite: () => boolean;
  readonly #timeout: Pick<RequestOptions, 'timeoutMs'>;

  constructor(options: WriterOptions) {
    this.#transport = options.transport;
    this.#fieldManager = options.fieldManager;
    this.#mayWrite = options.mayWrite ?? (() => true);
    this.#timeout = options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs };
  }

  /** Reads one object; undefined when it does not exist. */
  async read<T extends KubeObject>(ref: ObjectRef): Promise<T | undefined> {
    try {
      return await this.#transport.request<T>('GET', objectPath(ref), this.#timeout);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Reads the metadata of one object; undefined when it does not exist. */
  async readMetadata(ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      return await this.#transport.request('GET', objectPath(ref), { ...this.#timeout, accept: METADATA });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Applies an object by server-side apply. Fields that we applied before and omit now are removed; fields of other
   * managers stay.
   */
  apply<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    return this.#apply(resource, object, undefined);
  }

  /** Applies the status subresource by server-side apply; `object` has identity and status only. */
  applyStatus<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    return this.#apply(resource, object, 'status');
  }

  /**
   * Applies `status` to an object that was read, unless the object has this status already. When the object was
   * deleted and created again meanwhile, the result is a Conflict.
   */
  async applyStatusIfChanged<T extends KubeObject & { readonly status?: unknown }>(
    resource: Resource,
    current: T,
    status: NonNullable<T['status']>,
  ): Promise<StatusWrite<T>> {
    if (sameJson(current.status, status)) return { written: false, object: current };
    const { name, namespace, uid } = current.metadata ?? {};
    const object = { metadata: { name, namespace, uid }, status } as unknown as T;
    try {
      return { written: true, object: await this.applyStatus(resource, object) };
    } catch (error) {
      throw asUidConflict(error);
    }
  }

  create<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const path = collectionPath(resource, object.metadata?.namespace);
    return this.#write('POST', path, {
      query: { fieldManager: this.#fieldManager },
      body: typed(resource, object),
    });
  }

  /** Replaces the object; it must carry the resourceVersion that was read. */
  replace<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    const query = { fieldManager: this.#fieldManager };
    return this.#write('PUT', objectPath(refOf(resource, object)), { query, body: typed(resource, object) });
  }

  /** Patches an object or a subresource by JSON merge patch; the preconditions become part of the patch. */
  patch<T extends KubeObject>(
    ref: ObjectRef,
    patch: object,
    options: { readonly preconditions?: Preconditions; readonly subresource?: string } = {},
  ): Promise<T> {
    const { metadata, ...rest } = patch as { readonly metadata?: object };
    const body = options.preconditions
      ? { ...rest, metadata: { ...metadata, ...options.preconditions } }
      : patch;
    return this.#write('PATCH', objectPath(ref, options.subresource), {
      query: { fieldManager: this.#fieldManager },
      body,
      contentType: MERGE_TYPE,
    });
  }

  /**
   * Deletes an object; false when it did not exist. A failed precondition is a Conflict. A pod that terminates already
   * gets the new grace period if that is the shorter one.
   */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<boolean> {
    const { gracePeriodSeconds, ...preconditions } = options;
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      preconditions,
      gracePeriodSeconds,
    };
    try {
      await this.#write('DELETE', objectPath(ref), { body });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  #apply<T extends KubeObject>(resource: Resource, object: T, subresource: string | undefined): Promise<T> {
    return this.#write('PATCH', objectPath(refOf(resource, object), subresource), {
      query: { fieldManager: this.#fieldManager, force: true },
      body: typed(resource, object),
      contentType: APPLY_TYPE,
    });
  }

  async #write<T>(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options: RequestOptions,
  ): Promise<T> {
    if (!this.#mayWrite()) throw new NotLeaderError(`${method} ${path}: this replica does not lead`);
    return this.#transport.request<T>(method, path, { ...this.#timeout, ...options });
  }
}

function refOf(resource: Resource, object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata ?? {};
  if (!name)
    throw new ApiError({
      status: 0,
      reason: 'Invalid',
      message: `${describe(object)}: metadata.name is missing`,
    });
  return { resource, namespace, name };
}

/** Adds kind and apiVersion, which the server requires in every body. */
function typed<T extends KubeObject>(resource: Resource, object: T): T {
  return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
}

/**
 * Turns the answer to a wrong uid into a Conflict. The server answers it as an invalid change of an immutable field.
 */
function asUidConflict(error: unknown): unknown {
  if (!isInvalid(error) || !(error as Error).message.includes('metadata.uid')) return error;
  return new ApiError({ status: 409, reason: 'Conflict', message: (error as Error).message, cause: error });
}
