// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { type NodeTable, renderNodeTable } from '../render/node-table.ts';

/** What is known of the node's rules before its kernel was asked. */
export type NodeRules = Omit<NodeTable, 'hasFib' | 'hasIpvs'>;

/**
 * Writes the rules in the network namespace of the node, in one transaction. Returns false if the kernel has no `fib`
 * expression: then the node takes in VXLAN by every device.
 */
export async function applyNodeTable(table: NodeRules): Promise<boolean> {
  // kube-proxy loads IPVS when it starts, before there are pods.
  const hasIpvs = existsSync('/proc/net/ip_vs');
  const write = (hasFib: boolean) =>
    execa('nft', ['-f', '-'], { input: renderNodeTable({ ...table, hasFib, hasIpvs }), timeout: 30_000 });
  try {
    await write(true);
    return true;
  } catch {
    await write(false);
    return false;
  }
}
