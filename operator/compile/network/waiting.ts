// SPDX-License-Identifier: Apache-2.0
/**
 * Waiting lists the pods that wait for networks, in the order in which they began to wait. A freed address wakes only
 * the few pods that have waited longest: to wake thousands of pods for one address would be useless work.
 */
export class Waiting {
  readonly #networks = new Map<string, readonly string[]>();
  readonly #pods = new Map<string, Set<string>>();

  /**
   * Sets the networks that a pod waits for; an empty list ends its waiting. A pod that continues to wait keeps its
   * place.
   */
  set(pod: string, networks: readonly string[]): void {
    for (const network of this.#networks.get(pod) ?? []) {
      if (!networks.includes(network)) this.#remove(network, pod);
    }
    if (networks.length === 0) this.#networks.delete(pod);
    else this.#networks.set(pod, networks);
    for (const network of networks) this.#add(network, pod);
  }

  /** The pods that wait for a network: all of them, or the `most` that have waited longest. */
  for(network: string, most = Number.POSITIVE_INFINITY): string[] {
    const pods: string[] = [];
    for (const pod of this.#pods.get(network) ?? []) {
      if (pods.length >= most) break;
      pods.push(pod);
    }
    return pods;
  }

  has(pod: string): boolean {
    return this.#networks.has(pod);
  }

  /** All pods that wait for any network. */
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
