// SPDX-License-Identifier: Apache-2.0
import { isGone } from './api-error.ts';
import type { KubeObject } from './object.ts';
import type { Query, Transport } from './transport.ts';

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** Most restarts of a list that expires while it is read. After that the caller backs off. */
const RESTARTS = 3;

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly KubeObject[];
}

export interface ListOptions<T> {
  readonly query?: Query;
  readonly pageSize: number;
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
  /** Applied to each page, so that the memory holds only the needed part of a large list. */
  readonly transform: (object: KubeObject) => T;
}

export interface Listed<T> {
  readonly objects: readonly T[];
  /** The resourceVersion of the list, from which a watch continues. */
  readonly resourceVersion: string;
}

/**
 * Reads a whole collection page by page, as of one resourceVersion. Starts again when the server no longer has that
 * version.
 */
export async function listAll<T>(
  transport: Transport,
  path: string,
  options: ListOptions<T>,
): Promise<Listed<T>> {
  for (let restart = 0; ; restart += 1) {
    try {
      return await listOnce(transport, path, options);
    } catch (error) {
      if (!isGone(error) || restart >= RESTARTS) throw error;
    }
  }
}

async function listOnce<T>(transport: Transport, path: string, options: ListOptions<T>): Promise<Listed<T>> {
  const objects: T[] = [];
  let token: string | undefined;
  for (;;) {
    const page: Page = await transport.request<Page>('GET', path, {
      query: { ...options.query, limit: options.pageSize, continue: token },
      timeoutMs: 60_000,
      ...(options.metadataOnly ? { accept: METADATA_LIST } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    for (const item of page.items ?? []) objects.push(options.transform(item));
    token = page.metadata?.continue || undefined;
    if (token === undefined) return { objects, resourceVersion: page.metadata?.resourceVersion ?? '' };
  }
}
