// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { Tools } from '../shared/tools.ts';
import { DEVICE, TENANT } from './names.ts';

/** What others have made in the namespace: its interfaces, and the routes of the pod's own packets. */
export interface Facts {
  readonly tenant: { readonly mtu: number; readonly addresses: readonly string[] } | undefined;
  /** Facts of all interfaces except the tenant's and the tunnel's. */
  readonly own: { readonly mtu: number; readonly routes: Readonly<Record<Family, readonly string[]>> };
}

interface IpLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly addr_info?: readonly { readonly local: string; readonly scope: string }[];
}

interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
}

/** Reads the facts of this namespace. */
export async function readFacts(tools: Tools): Promise<Facts> {
  const [links, v4, v6] = await Promise.all([
    tools.run('ip', ['-j', 'addr', 'show']),
    tools.run('ip', ['-4', '-j', 'route', 'show', 'table', 'main']),
    tools.run('ip', ['-6', '-j', 'route', 'show', 'table', 'main']),
  ]);
  return parseFacts(readJson<IpLink>(links), { 4: readJson<IpRoute>(v4), 6: readJson<IpRoute>(v6) });
}

/** Pure: parses the facts from the output of `ip`. */
export function parseFacts(
  links: readonly IpLink[],
  routes: Readonly<Record<Family, readonly IpRoute[]>>,
): Facts {
  const tenant = links.find(({ ifname }) => ifname === TENANT);
  const own = links.filter(({ ifname }) => ![TENANT, DEVICE, 'lo'].includes(ifname));
  return {
    tenant: tenant && {
      mtu: tenant.mtu,
      addresses: (tenant.addr_info ?? []).filter(({ scope }) => scope === 'global').map(({ local }) => local),
    },
    own: {
      mtu: Math.min(65_535, ...own.map(({ mtu }) => mtu)),
      routes: { 4: ownRoutes(routes[4]), 6: ownRoutes(routes[6]) },
    },
  };
}

/** The pod's own routes as `ip route` takes them. Routes on the link come first, since others depend on them. */
function ownRoutes(routes: readonly IpRoute[]): readonly string[] {
  return routes
    .filter(({ dev, type = 'unicast' }) => dev && type === 'unicast' && ![TENANT, DEVICE, 'lo'].includes(dev))
    .sort((a, b) => Number(a.gateway !== undefined) - Number(b.gateway !== undefined))
    .map(({ dst, gateway, dev, scope, prefsrc, metric }) =>
      [
        dst,
        ...(gateway ? ['via', gateway] : []),
        `dev ${dev}`,
        ...(scope && !gateway ? ['scope', scope] : []),
        ...(prefsrc ? ['src', prefsrc] : []),
        ...(metric ? ['metric', String(metric)] : []),
        ...(gateway ? ['onlink'] : []),
      ].join(' '),
    );
}

function readJson<T>(text: string): readonly T[] {
  return text.trim() === '' ? [] : (JSON.parse(text) as readonly T[]);
}
