// SPDX-License-Identifier: Apache-2.0
import { type Address, formatAddress } from '../../api/net/address.ts';
import { MAX_SEGMENTS, RULE_F_REPLY, type Rule } from '../render/generated/layout.ts';
import type { TraceMaps } from './maps.ts';
import type { Packet } from './packet.ts';

/** What `classify` in agent/bpf/classify.h says of a packet that a pod of the network sends. */
export type Match =
  | { readonly kind: 'Path'; readonly path: number; readonly ways: Ways; readonly rule: Rule }
  | { readonly kind: 'None'; readonly why: string };

/** Both: the chain takes the pair of addresses either way, and only the flow's opener tells. */
export type Ways = 'Forward' | 'Reply' | 'Both';

/** Which path takes a packet, by its addresses' classes and the rules of the pair. */
export async function classify(maps: TraceMaps, vni: number, packet: Packet): Promise<Match> {
  const network = await maps.network(vni);
  if (!network) return { kind: 'None', why: 'the node does not have the network' };
  const classOf = async (address: Address): Promise<bigint> => {
    const endpoint = await maps.endpoint(vni, address);
    return endpoint?.classId[network.bank & 1] ?? 0n;
  };
  const sourceClass = await classOf(packet.source);
  const destinationClass = await classOf(packet.destination);
  if (sourceClass === 0n)
    return { kind: 'None', why: `no chain names the source ${formatAddress(packet.source)}` };
  if (destinationClass === 0n) {
    return { kind: 'None', why: `no chain names the destination ${formatAddress(packet.destination)}` };
  }
  return walkSegments(maps, { sourceClass, destinationClass, bank: network.bank & 1 }, packet);
}

async function walkSegments(
  maps: TraceMaps,
  pair: { readonly sourceClass: bigint; readonly destinationClass: bigint; readonly bank: number },
  packet: Packet,
): Promise<Match> {
  let found: Rule | undefined;
  let forward = false;
  let reply = false;
  let asked = 0;
  for (let segment = 0; segment < MAX_SEGMENTS; segment++) {
    const rules = await maps.rules({ ...pair, segment });
    if (!rules) break;
    for (const rule of rules.rule.slice(0, rules.count)) {
      asked += 1;
      // The rules of a path stand together: the rest of its run tells whether the other way matches too.
      if (found && rule.path !== found.path) return matched(found, forward, reply);
      if (!ruleMatches(rule, packet)) continue;
      found ??= rule;
      if (rule.flags & RULE_F_REPLY) reply = true;
      else forward = true;
    }
    if (!rules.more) break;
  }
  if (found) return matched(found, forward, reply);
  const why =
    asked === 0
      ? 'no chain names both the source and the destination'
      : 'the chains that name both ends take other protocols or ports';
  return { kind: 'None', why };
}

function matched(rule: Rule, forward: boolean, reply: boolean): Match {
  return {
    kind: 'Path',
    path: rule.path,
    ways: forward && reply ? 'Both' : reply ? 'Reply' : 'Forward',
    rule,
  };
}

function ruleMatches(rule: Rule, packet: Packet): boolean {
  const port = rule.flags & RULE_F_REPLY ? packet.sourcePort : packet.destinationPort;
  if (rule.protocol !== 0 && rule.protocol !== packet.protocol) return false;
  return port >= rule.portFirst && port <= rule.portLast;
}
