// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../api/key.ts';
import type { Writer } from '../../kube/apply.ts';
import type { Clock } from '../../kube/base/clock.ts';
import { sameJson } from '../../kube/base/same-json.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Resource } from '../../kube/resource.ts';

/** One object that must be there, and what a store shows of it. */
export interface Wanted {
  readonly resource: Resource;
  readonly object: KubeObject;
  /** `NotWatched`: no store has such objects; it is applied anew now and then instead of being compared. */
  readonly stored: KubeObject | undefined | 'NotWatched';
}

interface Applied {
  readonly object: KubeObject;
  readonly uid: string | undefined;
  readonly version: string;
  readonly at: number;
}

/** What nobody watches is applied again after so long, in case someone changed it. */
const REPEAT_MS = 10 * 60_000;

/**
 * Server-side apply of what is wanted, and no request for what is so already. The server fills in defaults,
 * so the stored object is not compared with the wanted one: it is enough that we want what we applied last
 * and that the object is still of the version that came of it.
 */
export class Ensurer {
  readonly #writer: Writer;
  readonly #clock: Clock;
  readonly #applied = new Map<string, Applied>();

  constructor(options: { readonly writer: Writer; readonly clock: Clock }) {
    this.#writer = options.writer;
    this.#clock = options.clock;
  }

  /** Makes one object be as it is wanted. */
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

  /** Forgets what was applied for an owner that is gone. */
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

/** Changes when the object's content does; `generation` leaves the status out, where the kind has one. */
function versionOf(object: KubeObject | undefined): string {
  const { generation, resourceVersion } = object?.metadata ?? {};
  return generation === undefined ? (resourceVersion ?? '') : String(generation);
}

function keyOfWanted({ resource, object }: Wanted): string {
  return `${resource.plural} ${joinKey(object.metadata?.namespace, object.metadata?.name ?? '')}`;
}
