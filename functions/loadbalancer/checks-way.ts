// SPDX-License-Identifier: Apache-2.0
import { FAMILIES } from '../../api/net/address.ts';
import { hex, IS_CHAINS_REPLY } from '../shared/nft/context.ts';
import type { Chain } from '../shared/nft/ruleset.ts';
import type { Picture } from './picture.ts';

/**
 * The way of our own health checks. They are sockets of this namespace with the balancer's own address: what leaves
 * gets the context of the path, and what comes back loses it, so that the kernel takes it for its own.
 */
export function checkChains({ addresses, checks }: Picture): readonly [string, Chain][] {
  if (!checks) return [];
  const { mark, ports } = checks;
  const range = `${ports.first}-${ports.last}`;
  const each = (render: (ip: string, own: string) => string): string[] =>
    FAMILIES.flatMap((family) => {
      const own = addresses[family];
      return own === undefined ? [] : [render(family === 4 ? 'ip' : 'ip6', own)];
    });
  return [
    [
      'checks-out',
      {
        hook: 'type route hook output priority mangle; policy accept;',
        rules: each(
          (ip, own) => `meta mark 0 ${ip} saddr ${own} tcp sport ${range} meta mark set ${hex(mark)}`,
        ),
      },
    ],
    [
      // Before the zones of the paths are given: no connection tracking for these.
      'checks-in',
      {
        hook: 'type filter hook prerouting priority -460; policy accept;',
        rules: each((ip, own) => `${IS_CHAINS_REPLY} ${ip} daddr ${own} tcp dport ${range} meta mark set 0`),
      },
    ],
  ];
}
