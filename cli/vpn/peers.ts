// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition } from '../../api/conditions.ts';
import type { VpnPeer } from '../../api/vpn-objects.ts';
import { resources } from '../../kube/resource.ts';
import type { Paint } from '../print/paint.ts';
import { formatTable } from '../print/table.ts';
import type { Session } from '../verb.ts';

/** Prints the state of the peers of one VPN or of all. */
export async function peers(session: Session, vpn: string | undefined): Promise<number> {
  const { cluster, common, clock, paint, write } = session;
  const namespace = common.allNamespaces ? undefined : (common.namespace ?? cluster.namespace);
  const all = await cluster.list<VpnPeer>(resources.vpnPeers, { namespace });
  const chosen = all.filter(({ spec }) => vpn === undefined || spec.vpn === vpn).sort(byName);
  if (common.output === 'json') write(`${JSON.stringify(chosen.map(factsOf), null, 2)}\n`);
  else if (chosen.length === 0)
    write(`No peers${namespace === undefined ? '' : ` in namespace ${namespace}`}.\n`);
  else write(formatPeers(chosen, { now: clock.now(), paint, withNamespace: common.allNamespaces }));
  return 0;
}

function byName(a: VpnPeer, b: VpnPeer): number {
  const key = ({ metadata, spec }: VpnPeer): string => `${metadata.namespace} ${spec.vpn} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Pure: formats the table of peers. */
export function formatPeers(
  all: readonly VpnPeer[],
  options: { readonly now: number; readonly paint: Paint; readonly withNamespace: boolean },
): string {
  const { now, paint, withNamespace } = options;
  const head = ['PEER', 'VPN', 'ADDRESS', 'ENDPOINT', 'HANDSHAKE', 'RX', 'TX', 'STATE'];
  const rows = all.map((peer) => {
    const { metadata, spec, status } = peer;
    const row = [
      metadata.name,
      spec.vpn,
      status?.addresses?.join(',') || '-',
      status?.endpoint ?? '-',
      status?.lastHandshake ? formatAge(now - Date.parse(status.lastHandshake)) : 'never',
      formatBytes(status?.rxBytes ?? 0),
      formatBytes(status?.txBytes ?? 0),
      stateOf(peer, paint),
    ];
    return withNamespace ? [metadata.namespace, ...row] : row;
  });
  return formatTable(withNamespace ? ['NAMESPACE', ...head] : head, rows);
}

function stateOf({ status }: VpnPeer, paint: Paint): string {
  const ready = findCondition((status?.conditions ?? []) as readonly Condition[], 'Ready');
  if (!ready) return paint('yellow', 'Unknown');
  if (ready.status !== 'True') return paint('red', ready.reason);
  const file = findCondition((status?.conditions ?? []) as readonly Condition[], 'FileCurrent');
  const state = status?.connected ? 'Connected' : 'Away';
  if (file?.status === 'False') return paint('yellow', `${state}, ${file.reason}`);
  return status?.connected ? paint('green', state) : state;
}

function factsOf({ metadata, spec, status }: VpnPeer) {
  const { addresses, endpoint, lastHandshake, rxBytes, txBytes, connected } = status ?? {};
  const { namespace, name } = metadata;
  return { namespace, name, vpn: spec.vpn, addresses, endpoint, lastHandshake, rxBytes, txBytes, connected };
}

/** Pure: `12s`, `3m`, `5h`, `2d`, as kubectl formats ages. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 120 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** Pure: `512 B`, `1.5 KiB`, `3.2 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
