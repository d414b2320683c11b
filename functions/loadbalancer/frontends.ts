// SPDX-License-Identifier: Apache-2.0
import { FAMILIES, type Family } from '../../api/net/address.ts';
import type { Clock } from '../../kube/base/clock.ts';
import { Departures } from './departures.ts';
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

/**
 * Ends the flows of frontends that an edit has removed, after the drain time. The rules decide about the first packet of
 * a flow, so connection tracking would let the flows of a removed listener, target port or address go on for good.
 */
export class Frontends {
  #present: ReadonlyMap<string, Frontend> = new Map();
  /** The removed frontends whose flows still go on. */
  readonly #leaving: Departures<Frontend>;

  constructor(options: { readonly clock: Clock; readonly onGone: (frontend: Frontend) => void }) {
    this.#leaving = new Departures(options);
  }

  /** To be called when the kernel has these frontends and no others. One that comes back keeps its flows. */
  follow(frontends: readonly Frontend[], drainMs: number): void {
    const present = new Map(frontends.map((each) => [JSON.stringify(each), each]));
    for (const key of present.keys()) this.#leaving.stay(key);
    for (const [key, frontend] of this.#present) {
      if (!present.has(key)) this.#leaving.leave(key, frontend);
    }
    this.#present = present;
    this.#leaving.endAfter(drainMs);
  }

  stop(): void {
    this.#leaving.stop();
  }
}
