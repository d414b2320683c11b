// SPDX-License-Identifier: Apache-2.0
import { eventually } from '../../tools/cluster/wait.ts';
import type { Engine } from '../../tools/kind/engine/detect.ts';
import { createShell } from '../../tools/kind/shell.ts';

/** Checks that kube-proxy's nftables mode, and nothing else, serves a Service on a node. */
export async function expectNftables(engine: Engine, node: string, address: string): Promise<void> {
  const list = ['exec', node, 'nft', 'list', 'table', 'ip', 'kube-proxy'];
  await eventually(`kube-proxy of ${node} has ${address} in its nftables`, async () => {
    const { ok, stdout, reason } = await createShell().attempt(engine.kind, list, { env: engine.env });
    if (!ok) throw new Error(`kube-proxy is not in nftables mode: ${reason}`);
    return stdout.includes(address);
  });
}
