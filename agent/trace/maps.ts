// SPDX-License-Identifier: Apache-2.0
import type { Address } from '../../api/net/address.ts';
import { MAPPED_BITS, mappedBytes } from '../../api/net/mapped.ts';
import {
  type BpfMapName,
  decodeEndpoint,
  decodeFlow,
  decodeHop,
  decodeInstance,
  decodeNetwork,
  decodePath,
  decodePort,
  decodeRules,
  decodeTable,
  type Endpoint,
  encodeAddressKey,
  encodeFlowKey,
  encodeHopKey,
  encodePrefixKey,
  encodeRulesKey,
  type Flow,
  type FlowKey,
  type Hop,
  type HopKey,
  type Instance,
  type Network,
  type Path,
  type Port,
  type Rules,
  type RulesKey,
  type Table,
} from '../render/generated/layout.ts';
import { encodeU32 } from '../render/scalar.ts';

/** Reads one entry of a map; undefined if there is none. For `prefixes`, the longest prefix that matches. */
export type Lookup = (map: BpfMapName, key: Uint8Array) => Promise<Uint8Array | undefined>;

/** Bits of the network's number before the address, in the key of a prefix. */
const VNI_BITS = 32;

/** Read-only access to the maps for a trace, with the programs' own look-ups. */
export class TraceMaps {
  readonly #lookup: Lookup;

  constructor(lookup: Lookup) {
    this.#lookup = lookup;
  }

  port(ifindex: number): Promise<Port | undefined> {
    return this.#find('ports', encodeU32(ifindex), decodePort);
  }

  network(vni: number): Promise<Network | undefined> {
    return this.#find('networks', encodeU32(vni), decodeNetwork);
  }

  path(id: number): Promise<Path | undefined> {
    return this.#find('paths', encodeU32(id), decodePath);
  }

  hop(key: HopKey): Promise<Hop | undefined> {
    return this.#find('hops', encodeHopKey(key), decodeHop);
  }

  table(key: HopKey): Promise<Table | undefined> {
    return this.#find('tables', encodeHopKey(key), decodeTable);
  }

  instance(id: number): Promise<Instance | undefined> {
    return this.#find('instances', encodeU32(id), decodeInstance);
  }

  async flow(key: FlowKey): Promise<Flow | undefined> {
    const bytes = encodeFlowKey(key);
    return (
      (await this.#find('flows', bytes, decodeFlow)) ?? (await this.#find('spilled_flows', bytes, decodeFlow))
    );
  }

  rules(key: RulesKey): Promise<Rules | undefined> {
    return this.#find('classifier', encodeRulesKey(key), decodeRules);
  }

  /** As `find_endpoint` in agent/bpf/deliver.h: the address itself, else the longest range around it. */
  async endpoint(vni: number, owner: Address): Promise<Endpoint | undefined> {
    const address = mappedBytes(owner);
    const longest = encodePrefixKey({ prefixlen: VNI_BITS + MAPPED_BITS, vni, address });
    return (
      (await this.#find('addresses', encodeAddressKey({ vni, address }), decodeEndpoint)) ??
      (await this.#find('prefixes', longest, decodeEndpoint))
    );
  }

  async #find<T>(map: BpfMapName, key: Uint8Array, decode: (bytes: Uint8Array) => T): Promise<T | undefined> {
    const value = await this.#lookup(map, key);
    return value && decode(value);
  }
}
