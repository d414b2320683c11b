// SPDX-License-Identifier: Apache-2.0
import { FAMILIES } from '../../api/net/address.ts';
import { hex, IS_CHAINS_REPLY } from '../shared/nft/context.ts';
import type { Chain } from '../shared/nft/ruleset.ts';
import type { Picture } from './picture.ts';

/**
 * The chains for this instance's health checks, which are sockets of this namespace with the load balancer's own
 * address. Packets that leave get the context of the path; packets that come back lose it, so that the kernel delivers
 * them to the socket.
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
      // Before the zones of the paths are set: health checks are not tracked.
      'checks-in',
      {
        hook: 'type filter hook prerouting priority -460; policy accept;',
        rules: each((ip, own) => `${IS_CHAINS_REPLY} ${ip} daddr ${own} tcp dport ${range} meta mark set 0`),
      },
    ],
  ];
}
