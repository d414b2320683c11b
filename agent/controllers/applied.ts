/** What this node's kernel has, at which generation: what the node report says. */
export class Applied {
  /** By key of the VirtualNetwork. */
  readonly networks = new Map<string, { readonly vni: number; readonly generation: number }>();
  /** By key of the network, then of the ChainSlice: its generation. */
  readonly #slices = new Map<string, ReadonlyMap<string, number>>();
  readonly #listeners = new Set<() => void>();

  /** A network was written, with these slices of its chains. */
  set(
    network: string,
    entry: { vni: number; generation: number },
    slices: ReadonlyMap<string, number>,
  ): void {
    this.networks.set(network, entry);
    this.#slices.set(network, slices);
    this.#emit();
  }

  delete(network: string): void {
    this.#slices.delete(network);
    if (this.networks.delete(network)) this.#emit();
  }

  get slices(): ReadonlyMap<string, number> {
    return new Map([...this.#slices.values()].flatMap((slices) => [...slices]));
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener);
  }

  #emit(): void {
    for (const listener of this.#listeners) listener();
  }
}
