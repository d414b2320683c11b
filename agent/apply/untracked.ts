// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';

/** The node's table: `nft list table inet heddle`. */
const NODE_TABLE = 'heddle';

/**
 * Pure: what VXLAN carries between nodes is no connection of the node. Tracking it would cost each packet a look-up on
 * both sides, and an entry for every source port that VXLAN makes of a flow's hash (RFC 7348, 5), until the table is full.
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

/** In the network namespace of the node, as one transaction that changes nothing where it is so already. */
export async function applyUntracked(vxlanPort: number): Promise<void> {
  await execa('nft', ['-f', '-'], { input: renderUntracked(vxlanPort), timeout: 30_000 });
}
