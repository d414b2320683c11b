// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PeerReport } from '../../../api/vpn-report.ts';
import { endAllIn, removeNamespace } from '../../../tools/netns/remove.ts';
import { Conversation, inside, NODE, run, shell } from './shell.ts';

/** The outer network, with the clients and the address of the gateway, which moves between the gateways. */
export const OUTER = '192.0.2';
export const VIP = `${OUTER}.1`;
/** The tenant's network. */
export const SUBNETS = ['10.20.0.0/16', 'fd20::/64'];
export const HOST = '10.20.0.10';
export const HOST6 = 'fd20::10';

export type GatewayName = 'a' | 'b';
const TENANT_ADDRESS = { a: ['10.20.0.2', 'fd20::2'], b: ['10.20.0.3', 'fd20::3'] } as const;

/** The answer of a gateway's process. */
export interface Answer {
  readonly role?: string;
  readonly wireGuard?: string;
  readonly peers?: readonly PeerReport[];
  readonly applied?: boolean;
  readonly mtu?: string;
  readonly failed?: string;
}

/**
 * Two gateways, a host of the tenants' network and clients outside, each with a network stack of its own:
 *
 *   client1 client2 ── outer ── eth0 [a] net1 ─┐
 *                          └─── eth0 [b] net1 ─┴─ tenants ── host
 */
export interface Bed {
  readonly namespace: { readonly host: string; readonly a: string; readonly b: string };
  gateway(name: GatewayName): Conversation;
  /** `tools`: a folder whose programs come before the system's. */
  startGateway(name: GatewayName, tools?: string): Promise<Conversation>;
  /** Kills all processes of a gateway, as on a node that fails. */
  killGateway(name: GatewayName): Promise<void>;
  ask(name: GatewayName, request?: unknown): Promise<Answer>;
  /** A host outside, with the tools of WireGuard. */
  addClient(name: string, address: string): Promise<Client>;
  /** Moves the address of the gateway, and the routes to the peers, to this gateway. */
  moveTo(name: GatewayName, prefixes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface Client {
  readonly namespace: string;
  /**
   * The name of its interface, which must be unique: the standard tools name a socket after it, and namespaces do not
   * separate those.
   */
  readonly device: string;
  /** Runs `wg-quick up` with this file, as a user would. */
  up(file: string): Promise<void>;
  down(): Promise<void>;
  shell(script: string): Promise<string>;
}

let made = 0;

export async function makeBed(): Promise<Bed> {
  made += 1;
  const tag = `hv${process.pid % 100_000}${made}`;
  const folder = mkdtempSync(join(tmpdir(), 'heddle-vpn-test-'));
  const namespace = { host: `${tag}h`, a: `${tag}a`, b: `${tag}b`, wire: `${tag}w` };
  const namespaces: string[] = [];
  const conversations = new Map<GatewayName, Conversation>();
  const add = async (name: string): Promise<void> => {
    namespaces.push(name);
    await run('ip', 'netns', 'add', name);
    await shell(
      name,
      'ip link set lo up; sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0',
    );
  };
  /** A cable from a bridge of the wire to an interface of a namespace. */
  const plug = async (bridge: string, to: string, name: string, mtu = 1500): Promise<void> => {
    const end = `${name.slice(0, 3)}${namespaces.indexOf(to)}`;
    await shell(
      namespace.wire,
      `ip link add ${end} mtu ${mtu} type veth peer name ${name} mtu ${mtu} netns ${to}; ip link set ${end} master ${bridge} up`,
    );
    await shell(to, `ip link set ${name} up`);
  };

  await add(namespace.wire);
  await shell(
    namespace.wire,
    'for b in outer tenants; do ip link add $b type bridge; ip link set $b up; done; sysctl -qw net.ipv6.conf.all.disable_ipv6=1',
  );
  await add(namespace.host);
  await plug('tenants', namespace.host, 'net1', 1450);
  await shell(namespace.host, `ip addr add ${HOST}/16 dev net1; ip addr add ${HOST6}/64 dev net1 nodad`);
  for (const name of ['a', 'b'] as const) {
    const [v4, v6] = TENANT_ADDRESS[name];
    await add(namespace[name]);
    await plug('outer', namespace[name], 'eth0');
    await plug('tenants', namespace[name], 'net1', 1450);
    await shell(
      namespace[name],
      `ip addr add ${OUTER}.${name === 'a' ? 2 : 3}/24 dev eth0
       ip route add default via ${OUTER}.254 dev eth0
       ip addr add ${v4}/16 dev net1; ip addr add ${v6}/64 dev net1 nodad`,
    );
  }

  const startGateway = async (name: GatewayName, tools?: string): Promise<Conversation> => {
    const root = resolve(import.meta.dirname, '../../..');
    const script = resolve(import.meta.dirname, 'gateway-process.ts');
    // A pod has its own /run, so the clients must not see what the gateways' WireGuard puts there.
    const start = `mkdir -p /var/run/wireguard; mount -t tmpfs none /var/run/wireguard; ${
      tools ? `export PATH=${tools}:$PATH; ` : ''
    }exec ${NODE} ${script} ${name}`;
    const conversation = new Conversation(['ip', 'netns', 'exec', namespace[name], 'sh', '-ec', start], {
      cwd: root,
    });
    conversations.set(name, conversation);
    await conversation.next();
    return conversation;
  };
  const gateway = (name: GatewayName): Conversation => {
    const conversation = conversations.get(name);
    if (!conversation) throw new Error(`gateway ${name} was not started`);
    return conversation;
  };

  return {
    namespace,
    gateway,
    startGateway,
    killGateway: (name) => endAllIn(namespace[name]),
    ask: async (name, request = {}) => JSON.parse(await gateway(name).ask(JSON.stringify(request))) as Answer,
    addClient: async (name, address) => {
      const client = `${tag}${name}`;
      const device = `${tag}${name}`.slice(0, 15);
      await add(client);
      await plug('outer', client, 'eth0');
      await shell(
        client,
        `ip addr add ${address}/24 dev eth0; ip route add default via ${OUTER}.254 dev eth0`,
      );
      const file = join(folder, `${device}.conf`);
      return {
        namespace: client,
        device,
        up: async (text) => {
          writeFileSync(file, text, { mode: 0o600 });
          await inside(client, 'wg-quick', 'up', file);
        },
        down: async () => void (await inside(client, 'wg-quick', 'down', file)),
        shell: (script) => shell(client, script),
      };
    },
    moveTo: async (name, prefixes) => {
      const [v4, v6] = TENANT_ADDRESS[name];
      for (const each of ['a', 'b'] as const) {
        await shell(namespace[each], `ip addr del ${VIP}/24 dev eth0 2>/dev/null || true`);
      }
      await shell(namespace[name], `ip addr add ${VIP}/24 dev eth0`);
      // This replaces the announcement that a network's own address would cause.
      for (const client of namespaces.filter((each) => !Object.values(namespace).includes(each))) {
        await shell(client, `ip neigh flush to ${VIP}`);
      }
      for (const prefix of prefixes) {
        const via = prefix.includes(':') ? v6 : v4;
        await inside(namespace.host, 'ip', 'route', 'replace', prefix, 'via', via, 'dev', 'net1');
      }
    },
    close: async () => {
      for (const conversation of conversations.values()) await conversation.kill();
      for (const each of namespaces.reverse()) await removeNamespace(each);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
