// SPDX-License-Identifier: Apache-2.0
import type { FirewallRule } from '../../api/index.ts';
import { renderRuleset } from '../../functions/firewall/render.ts';
import { renderContextTable } from '../../functions/shared/nft/context-table.ts';
import { formatReplacement } from '../../functions/shared/nft/ruleset.ts';

/** The same policy twice: as Heddle renders it, and as a person writes it. Both stateful, both drop the rest. */
const RULES: readonly FirewallRule[] = [
  { name: 'bench-tcp', action: 'Accept', protocol: 'TCP', destinationPorts: [5001] },
  { name: 'bench-udp', action: 'Accept', protocol: 'UDP', destinationPorts: [5001] },
  { name: 'ping', action: 'Accept', protocol: 'ICMP' },
];

/** The ruleset in a firewall's namespace, with conntrack zones, counters and lookups. */
export function renderHeddleFirewall(): string {
  const spec = {
    replicas: 1,
    drainSeconds: 30,
    stateful: true,
    defaultAction: 'Drop' as const,
    rules: [...RULES],
  };
  return renderContextTable() + formatReplacement(renderRuleset(spec, new Map()));
}

export const HAND_WRITTEN_FIREWALL = `
table inet firewall {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state vmap { established : accept, related : accept, invalid : drop }
    tcp dport 5001 accept
    udp dport 5001 accept
    meta l4proto icmp accept
  }
}
`;
