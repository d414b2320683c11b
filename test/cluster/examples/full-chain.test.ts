// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { applyFullChain, proveFullChain } from '../../../tools/demo/full-chain.ts';
import { needsOutside } from '../vpn/outside.ts';

/** What `npm run demo -- --example full-chain` shows. */
describe('examples/full-chain: VPN, firewall, load balancer, web servers', () => {
  const namespace = useNamespace('full-chain');

  beforeAll(() => applyFullChain(namespace), 300_000);

  test('a laptop outside reaches them all', needsOutside(), async () => {
    const proofs = await proveFullChain(namespace);
    expect(proofs.filter(({ proved }) => !proved)).toEqual([]);
    expect(proofs).toHaveLength(6);
  });
});
