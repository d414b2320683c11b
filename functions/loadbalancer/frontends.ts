// SPDX-License-Identifier: Apache-2.0
import { FAMILIES, type Family } from '../../api/net/address.ts';
import type { Clock } from '../../kube/base/clock.ts';
import type { Picture } from './picture.ts';

/** What established flows are based on: an address and port that clients connect to, and the port of the backends. */
export interface Frontend {
  readonly family: Family;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  readonly targetPort: number;
}

/** Pure: the frontends of a load balancer. */
export function frontendsOf({
  addresses,
  listeners,
}: Pick<Picture, 'addresses' | 'listeners'>): readonly Frontend[] {
  return FAMILIES.flatMap((family) => {
    const address = addresses[family];
    if (address === undefined) return [];
    return listeners.map(({ protocol, port, targetPort }) => ({
      family,
      address,
      protocol,
      port,
      targetPort,
    }));
  });
}

interface Leaving {
  readonly frontend: Frontend;
  /** When it was removed, by the monotonic clock. */
  readonly since: number;
  cancel: () => void;
}

/**
 * Ends the flows of frontends that an edit has removed, after the drain time. The rules decide about the first packet of
 * a flow, so connection tracking would let the flows of a removed listener, target port or address go on for good.
 */
export class Frontends {
  readonly #clock: Clock;
  readonly #onGone: (frontend: Frontend) => void;
  #present: ReadonlyMap<string, Frontend> = new Map();
  /** The removed frontends whose flows still go on. */
  readonly #leaving = new Map<string, Leaving>();

  constructor(options: { readonly clock: Clock; readonly onGone: (frontend: Frontend) => void }) {
    this.#clock = options.clock;
    this.#onGone = options.onGone;
  }

  /** To be called when the kernel has these frontends and no others. One that comes back keeps its flows. */
  follow(frontends: readonly Frontend[], drainMs: number): void {
    const present = new Map(frontends.map((each) => [JSON.stringify(each), each]));
    for (const key of present.keys()) this.#stay(key);
    const since = this.#clock.monotonic();
    for (const [key, frontend] of this.#present) {
      if (!present.has(key)) this.#leaving.set(key, { frontend, since, cancel: () => undefined });
    }
    this.#present = present;
    for (const [key, leaving] of this.#leaving) this.#schedule(key, leaving, drainMs);
  }

  stop(): void {
    for (const key of [...this.#leaving.keys()]) this.#stay(key);
  }

  #stay(key: string): void {
    this.#leaving.get(key)?.cancel();
    this.#leaving.delete(key);
  }

  /** The drain time may have been edited since the frontend was removed. */
  #schedule(key: string, leaving: Leaving, drainMs: number): void {
    leaving.cancel();
    const leftMs = Math.max(0, leaving.since + drainMs - this.#clock.monotonic());
    leaving.cancel = this.#clock.after(leftMs, () => {
      this.#leaving.delete(key);
      this.#onGone(leaving.frontend);
    });
  }
}
