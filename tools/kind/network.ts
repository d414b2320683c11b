// SPDX-License-Identifier: Apache-2.0
import { parsePrefixOrAddress } from '../../api/net/prefix.ts';
import type { Engine } from './engine/detect.ts';
import type { Shell } from './shell.ts';

export interface NodeNetwork {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
}

const isV6 = (text: string): boolean => parsePrefixOrAddress(text).family === 6;

/** Reads `kubectl get nodes -o json`. */
export function parseNodes(json: string): NodeNetwork[] {
  const list = JSON.parse(json) as {
    items: {
      metadata: { name: string };
      spec: { podCIDRs?: string[] };
      status: { addresses?: { type: string; address: string }[] };
    }[];
  };
  return list.items.map((node) => ({
    name: node.metadata.name,
    addresses: (node.status.addresses ?? [])
      .filter(({ type }) => type === 'InternalIP')
      .map(({ address }) => address),
    podCidrs: node.spec.podCIDRs ?? [],
  }));
}

/** A CNI configuration of standard plugins: a veth for each pod, addresses from the node's own pod ranges. */
export function renderConflist(node: NodeNetwork): string {
  const ranges = node.podCidrs.map((subnet) => [{ subnet }]);
  const routes = node.podCidrs.map((cidr) => ({ dst: isV6(cidr) ? '::/0' : '0.0.0.0/0' }));
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'heddle',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: { type: 'host-local', dataDir: '/run/cni-ipam-state', ranges, routes },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

/** The routes of one node to the pods of all others, as arguments of `ip route`. */
export function routesOf(node: NodeNetwork, all: readonly NodeNetwork[]): string[][] {
  return all
    .filter((other) => other.name !== node.name)
    .flatMap((other) =>
      other.podCidrs.flatMap((cidr) => {
        const via = other.addresses.find((address) => isV6(address) === isV6(cidr));
        return via ? [[isV6(cidr) ? '-6' : '-4', 'route', 'replace', cidr, 'via', via]] : [];
      }),
    );
}

/** Rules that give pods the address of their node towards hosts outside the cluster (above all the name server). */
export function renderMasquerade(node: NodeNetwork, all: readonly NodeNetwork[]): string {
  const inside = all.flatMap((other) => [...other.podCidrs, ...other.addresses]);
  const rules = node.podCidrs.map((cidr) => {
    const family = isV6(cidr) ? 'ip6' : 'ip';
    const known = inside.filter((address) => isV6(address) === isV6(cidr));
    return `    ${family} saddr ${cidr} ${family} daddr != { ${known.join(', ')} } masquerade`;
  });
  return [
    'table inet heddle-kind',
    'delete table inet heddle-kind',
    'table inet heddle-kind {',
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat',
    ...rules,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Connects the pods of a cluster that has no network of its own. */
export async function connectPods(
  shell: Shell,
  engine: Engine,
  nodes: readonly NodeNetwork[],
): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      const exec = (script: string, input: string): Promise<string> =>
        shell.run(engine.kind, ['exec', '-i', node.name, 'sh', '-c', script], { env: engine.env, input });
      const routes = routesOf(node, nodes).map((args) => `ip ${args.join(' ')}`);
      await exec([...routes, 'nft -f -'].join(' && '), renderMasquerade(node, nodes));
      // Pods copy their node's search domains; that of the engine would cost one more slow query for each name.
      const resolv =
        "sed '/^search/d' /etc/resolv.conf > /run/resolv.conf && cat /run/resolv.conf > /etc/resolv.conf";
      const file = '/etc/cni/net.d/10-heddle.conflist';
      // Written last, and moved into place: a node is Ready as soon as this file exists.
      await exec(`${resolv} && cat > ${file}.new && mv ${file}.new ${file}`, renderConflist(node));
    }),
  );
}
