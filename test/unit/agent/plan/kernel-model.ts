// SPDX-License-Identifier: Apache-2.0
import type { Step } from '../../../../agent/plan/plan.ts';
import { type KernelMaps, ownedMaps } from '../../../../agent/plan/shadow.ts';
import {
  type BpfMapName,
  decodeEndpoint,
  decodeHop,
  decodeNetwork,
  decodePath,
  decodeRules,
  encodeAddressKey,
  encodeHopKey,
  encodePrefixKey,
  encodeRulesKey,
  MAX_HOPS,
  RULE_F_REPLY,
} from '../../../../agent/render/generated/layout.ts';
import { bytesKey } from '../../../../agent/render/keys.ts';
import { encodeU32 } from '../../../../agent/render/scalar.ts';
import { parseAddress } from '../../../../api/net/address.ts';
import { mappedBytes } from '../../../../api/net/mapped.ts';

export interface Tuple {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** The maps in the kernel, and a model in TypeScript of what `classify.h` and `steer.h` do with them. */
export class KernelModel {
  readonly maps: Record<string, Map<string, Uint8Array>> = Object.fromEntries(
    ownedMaps.map((name) => [name, new Map<string, Uint8Array>()]),
  );

  get kernel(): KernelMaps {
    return this.maps as unknown as KernelMaps;
  }

  run(step: Step): void {
    const map = this.#map(step.map);
    if (step.op === 'update') for (const [key, value] of step.entries) map.set(key, value);
    else for (const key of step.keys) map.delete(key);
  }

  /** The instances that a packet passes, in order; `direct` when no chain takes it, `drop` on a broken reference. */
  wayOf(vni: number, tuple: Tuple): string {
    const network = this.#map('networks').get(bytesKey(encodeU32(vni)));
    if (!network) return 'drop';
    const bank = decodeNetwork(network).bank & 1;
    const source = this.#classOf(vni, tuple.source, bank);
    const destination = this.#classOf(vni, tuple.destination, bank);
    if (source === 0n || destination === 0n) return 'direct';
    for (let segment = 0; ; segment++) {
      const key = encodeRulesKey({ sourceClass: source, destinationClass: destination, segment, bank });
      const value = this.#map('classifier').get(bytesKey(key));
      if (!value) return 'direct';
      const rules = decodeRules(value);
      for (const rule of rules.rule.slice(0, rules.count)) {
        const port = rule.flags & RULE_F_REPLY ? tuple.sourcePort : tuple.destinationPort;
        if (rule.protocol !== 0 && rule.protocol !== tuple.protocol) continue;
        if (port < rule.portFirst || port > rule.portLast) continue;
        return `${rule.flags & RULE_F_REPLY ? 'reply' : 'forward'} ${this.#hopsOf(rule.path)}`;
      }
      if (!rules.more) return 'direct';
    }
  }

  #hopsOf(path: number): string {
    const value = this.#map('paths').get(bytesKey(encodeU32(path)));
    if (!value) return 'drop';
    const { hops, bank } = decodePath(value);
    const instances = Array.from({ length: hops }, (_, position) => {
      const hop = this.#map('hops').get(bytesKey(encodeHopKey({ path, slot: position + bank * MAX_HOPS })));
      return hop ? decodeHop(hop).instance : 'drop';
    });
    return instances.join('>');
  }

  #classOf(vni: number, address: string, bank: number): bigint {
    const bytes = mappedBytes(parseAddress(address));
    const exact = this.#map('addresses').get(bytesKey(encodeAddressKey({ vni, address: bytes })));
    if (exact) return decodeEndpoint(exact).classId[bank] ?? 0n;
    for (const length of this.#lengths()) {
      const key = encodePrefixKey({ prefixlen: 32 + length, vni, address: mask(bytes, length) });
      const found = this.#map('prefixes').get(bytesKey(key));
      if (found) return decodeEndpoint(found).classId[bank] ?? 0n;
    }
    return 0n;
  }

  /** The lengths of the existing ranges, the longest first. */
  #lengths(): readonly number[] {
    const lengths = new Set([...this.#map('prefixes').keys()].map((key) => key.charCodeAt(0) - 32));
    return [...lengths].sort((a, b) => b - a);
  }

  #map(name: BpfMapName): Map<string, Uint8Array> {
    const map = this.maps[name];
    if (!map) throw new Error(`the plan writes ${name}, which is not the agent's`);
    return map;
  }
}

function mask(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff00 >> kept) & 0xff;
  });
}
