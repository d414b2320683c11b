// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';

/** The node's table: `nft list table inet heddle`. */
const NODE_TABLE = 'heddle';

/**
 * Pure: the nftables rules that exclude VXLAN between nodes from connection tracking. Tracking would cost each packet a
 * look-up on both nodes. It would also fill the table: VXLAN derives the source port from the flow's hash (RFC 7348, 5), and
 * each source port needs an entry.
 */
function renderUntracked(vxlanPort: number): string {
  const rule = `udp dport ${vxlanPort} notrack`;
  return `table inet ${NODE_TABLE}
delete table inet ${NODE_TABLE}
table inet ${NODE_TABLE} {
  chain arriving {
    type filter hook prerouting priority raw; policy accept;
    ${rule}
  }
  chain leaving {
    type filter hook output priority raw; policy accept;
    ${rule}
  }
}
`;
}

/** Writes the rules in the network namespace of the node, in one transaction. */
export async function applyUntracked(vxlanPort: number): Promise<void> {
  await execa('nft', ['-f', '-'], { input: renderUntracked(vxlanPort), timeout: 30_000 });
}
