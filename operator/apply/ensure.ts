// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../api/key.ts';
import type { Writer } from '../../kube/apply.ts';
import type { Clock } from '../../kube/base/clock.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';

/** An object that must exist, and the stored object. */
export interface Wanted {
  readonly resource: Resource;
  readonly object: KubeObject;
  /**
   * The stored object. `NotWatched`: no store has this kind; the object is applied again at intervals instead of
   * being compared.
   */
  readonly stored: KubeObject | undefined | 'NotWatched';
}

interface Applied {
  readonly object: KubeObject;
  readonly uid: string | undefined;
  readonly version: string;
  readonly at: number;
}

/** Interval for applying objects that are not watched, in case someone changed them. */
const REPEAT_MS = 10 * 60_000;

/**
 * Ensurer applies wanted objects by server-side apply, and sends no request when nothing changed. The API server
 * fills in defaults, so the stored object is not compared with the wanted one. No request is needed when the wanted
 * object is the one applied last, and the stored object still has the version that this apply returned.
 */
export class Ensurer {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #applied = new Map<string, Applied>();

  constructor(options: { readonly writer: Writer; readonly clock: Clock }) {
    this.#writer = options.writer;
    this.#clock = options.clock;
  }

  /** Applies one object if it is not as wanted. */
  async ensure(wanted: Wanted): Promise<void> {
    const key = keyOfWanted(wanted);
    if (this.#isDone(wanted, this.#applied.get(key))) return;
    const answer = await this.#writer.apply(wanted.resource, wanted.object);
    this.#applied.set(key, {
      object: wanted.object,
      uid: answer.metadata?.uid,
      version: versionOf(answer),
      at: this.#clock.monotonic(),
    });
  }

  /** Forgets the objects that were applied for a deleted owner. */
  forgetOwned(owner: { readonly kind: string; readonly namespace: string; readonly name: string }): void {
    for (const [key, { object }] of this.#applied) {
      const { namespace, ownerReferences } = object.metadata ?? {};
      const isOwner = ownerReferences?.some(({ kind, name }) => kind === owner.kind && name === owner.name);
      if (namespace === owner.namespace && isOwner) this.#applied.delete(key);
    }
  }

  #isDone(wanted: Wanted, last: Applied | undefined): boolean {
    if (!last || !sameJson(last.object, wanted.object)) return false;
    if (wanted.stored === 'NotWatched') return this.#clock.monotonic() - last.at < REPEAT_MS;
    return wanted.stored?.metadata?.uid === last.uid && versionOf(wanted.stored) === last.version;
  }
}

/** The version of an object's content. `generation` is used where the kind has one, because it ignores the status. */
function versionOf(object: KubeObject | undefined): string {
  const { generation, resourceVersion } = object?.metadata ?? {};
  return generation === undefined ? (resourceVersion ?? '') : String(generation);
}

function keyOfWanted({ resource, object }: Wanted): string {
  return `${resource.plural} ${joinKey(object.metadata?.namespace, object.metadata?.name ?? '')}`;
}
