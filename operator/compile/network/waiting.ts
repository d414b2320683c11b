// SPDX-License-Identifier: Apache-2.0
/**
 * Which pods wait for which networks, in the order in which they began to. A free address wakes those who wait
 * longest, and a few only: to wake thousands for one address would be work for nothing.
 */
export class Waiting {
  readonly #networks = new Map<string, readonly string[]>();
  readonly #pods = new Map<string, Set<string>>();

  /** What the pod waits for now; nothing ends its waiting. Who waits on keeps its place. */
  set(pod: string, networks: readonly string[]): void {
    for (const network of this.#networks.get(pod) ?? []) {
      if (!networks.includes(network)) this.#remove(network, pod);
    }
    if (networks.length === 0) this.#networks.delete(pod);
    else this.#networks.set(pod, networks);
    for (const network of networks) this.#add(network, pod);
  }

  /** The pods that wait for a network: all, or those who wait longest. */
  for(network: string, most = Number.POSITIVE_INFINITY): string[] {
    const pods: string[] = [];
    for (const pod of this.#pods.get(network) ?? []) {
      if (pods.length >= most) break;
      pods.push(pod);
    }
    return pods;
  }

  /** All pods that wait for anything. */
  pods(): IterableIterator<string> {
    return this.#networks.keys();
  }

  #add(network: string, pod: string): void {
    const pods = this.#pods.get(network);
    if (pods === undefined) this.#pods.set(network, new Set([pod]));
    else pods.add(pod);
  }

  #remove(network: string, pod: string): void {
    const pods = this.#pods.get(network);
    pods?.delete(pod);
    if (pods?.size === 0) this.#pods.delete(network);
  }
}
