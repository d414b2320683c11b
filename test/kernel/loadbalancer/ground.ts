// SPDX-License-Identifier: Apache-2.0
import { pino } from 'pino';
import { CounterTotals } from '../../../functions/shared/nft/counters.ts';
import { KernelTable } from '../../../functions/shared/nft/kernel-table.ts';
import { createNft, type Nft } from '../../../functions/shared/nft/nft.ts';
import { removeNamespace } from '../../../tools/netns/remove.ts';
import { CHAIN0_MAC, macOf, PREPARE, renderMarks } from '../firewall/bed.ts';
import { run } from '../firewall/shell.ts';
import { Host } from './host.ts';

export const VIP = { 4: '10.9.1.1', 6: 'fd09::1:1' } as const;
export const PATH = 11;

/** One instance of a load balancer: a namespace as the agent prepares it, with the table of the function. */
export interface Instance {
  readonly namespace: string;
  readonly nft: Nft;
  readonly table: KernelTable;
  readonly counters: CounterTotals;
}

export interface Address {
  readonly 4: string;
  readonly 6: string;
}

/** The instance that gets the packets of each direction. */
export interface Steering {
  readonly there: string;
  readonly back: string;
}

/** A client, backends and instances. The wire between them steers packets to instances, as nodes would. */
export interface Ground {
  readonly instances: Readonly<Record<string, Instance>>;
  readonly hosts: Readonly<Record<string, Host>>;
  steer(steering: Steering): Promise<void>;
  /** Blocks all packets from and to this host. */
  cut(host: string): Promise<void>;
  mend(host: string): Promise<void>;
  close(): Promise<void>;
}

let made = 0;

export const addressOf = (index: number): Address => ({ 4: `10.9.0.${index + 1}`, 6: `fd09::${index + 1}` });

/** `hosts[0]` is usually the client; any host may serve and connect. */
export async function makeGround(options: {
  readonly hosts: readonly string[];
  readonly instances: readonly string[];
}): Promise<Ground> {
  made += 1;
  const tag = `hlb${process.pid}-${made}`;
  const wire = `${tag}-w`;
  const names = options.hosts.map((name, index) => ({ name, index, namespace: `${tag}-${name}` }));
  await run('ip', 'netns', 'add', wire);
  await run('ip', 'netns', 'exec', wire, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1');
  for (const { name, index, namespace } of names) {
    const address = addressOf(index);
    await run('ip', 'netns', 'add', namespace);
    await addVeth({ wire, port: name, namespace, inside: 'net1' });
    await run('ip', 'netns', 'exec', namespace, 'sh', '-ec', hostSetup(address, macOfHost(index)));
  }
  const instances: Record<string, Instance> = {};
  for (const name of options.instances) {
    const namespace = `${tag}-${name}`;
    await run('ip', 'netns', 'add', namespace);
    await addVeth({ wire, port: name, namespace, inside: 'chain0' });
    await run('ip', 'netns', 'exec', namespace, 'sh', '-ec', PREPARE);
    const nft = createNft(['ip', 'netns', 'exec', namespace, 'nft']);
    await nft.transact(renderMarks());
    const counters = new CounterTotals(nft);
    const table = new KernelTable({ nft, counters, log: pino({ level: 'silent' }) });
    await table.open();
    instances[name] = { namespace, nft, table, counters };
  }
  const wireNft = createNft(['ip', 'netns', 'exec', wire, 'nft']);
  const hosts = Object.fromEntries(names.map(({ name, namespace }) => [name, new Host(namespace)]));
  const first = options.instances[0]!;
  await wireNft.transact(renderWire(names, options.instances));
  const ground: Ground = {
    instances,
    hosts,
    steer: ({ there, back }) => wireNft.transact(renderSteering({ there, back })),
    cut: async (host) => void (await run('ip', '-n', wire, 'link', 'set', 'dev', host, 'down')),
    mend: async (host) => void (await run('ip', '-n', wire, 'link', 'set', 'dev', host, 'up')),
    close: async () => {
      for (const host of Object.values(hosts)) host.close();
      for (const name of [
        ...names.map((each) => each.namespace),
        ...Object.values(instances).map((i) => i.namespace),
        wire,
      ]) {
        await removeNamespace(name);
      }
    },
  };
  await ground.steer({ there: first, back: first });
  return ground;
}

async function addVeth(options: {
  readonly wire: string;
  readonly port: string;
  readonly namespace: string;
  readonly inside: string;
}): Promise<void> {
  const { wire, port, namespace, inside } = options;
  await run(
    ...([
      'ip',
      '-n',
      wire,
      'link',
      'add',
      'name',
      port,
      'type',
      'veth',
      'peer',
      'name',
      inside,
      'netns',
      namespace,
    ] as const),
  );
  await run('ip', '-n', wire, 'link', 'set', 'dev', port, 'up', 'promisc', 'on');
}

function macOfHost(index: number): string {
  return `06:00:00:00:00:${(index + 1).toString(16).padStart(2, '0')}`;
}

/** One route for everything, by a gateway that need not exist: the wire takes all packets. */
function hostSetup(address: Address, mac: string): string {
  return `
ip link set lo up
ip link set net1 address ${mac}
sysctl -qw net.ipv6.conf.net1.accept_dad=0 net.ipv6.conf.net1.accept_ra=0
ip addr add ${address[4]}/32 dev net1
ip addr add ${address[6]}/128 dev net1 nodad
ip link set net1 up
ip neigh replace 169.254.1.1 lladdr 02:00:00:00:00:01 dev net1 nud permanent
ip neigh replace fe80::1 lladdr 02:00:00:00:00:01 dev net1 nud permanent
ip -4 route add default via 169.254.1.1 dev net1 onlink
ip -6 route add default via fe80::1 dev net1 onlink
sysctl -qw net.ipv4.tcp_syn_retries=2 net.ipv4.ip_local_port_range='20000 60999'
`;
}

/**
 * The rules of the wire: packets from instances go to the host that has their destination; packets from hosts go to an
 * instance.
 */
function renderWire(
  hosts: readonly { readonly name: string; readonly index: number }[],
  instances: readonly string[],
): string {
  const deliveries = hosts.flatMap(({ name, index }) => {
    const address = addressOf(index);
    return (['ip', 'ip6'] as const).map(
      (ip) =>
        `${ip} daddr ${address[ip === 'ip' ? 4 : 6]} ether daddr set ${macOfHost(index)} fwd to "${name}"`,
    );
  });
  return `table netdev wire {
  chain there { }
  chain back { }
  chain from-host {
    ip daddr ${VIP[4]} tcp dport < 32768 goto there
    ip6 daddr ${VIP[6]} tcp dport < 32768 goto there
    ip daddr ${VIP[4]} meta l4proto != tcp goto there
    ip6 daddr ${VIP[6]} meta l4proto != tcp goto there
    goto back
  }
  ${hosts.map(({ name }) => `chain of-${name} { type filter hook ingress device ${name} priority 0; policy drop; goto from-host; }`).join('\n  ')}
  ${instances.map((name) => `chain of-${name} { type filter hook ingress device ${name} priority 0; policy drop; ${deliveries.join('; ')}; }`).join('\n  ')}
}
`;
}

function renderSteering({ there, back }: Steering): string {
  const to = (instance: string, reply: boolean): string =>
    `ether saddr set ${macOf({ path: PATH, reply })} ether daddr set ${CHAIN0_MAC} fwd to "${instance}"`;
  return `flush chain netdev wire there
flush chain netdev wire back
add rule netdev wire there ${to(there, false)}
add rule netdev wire back ${to(back, true)}
`;
}
