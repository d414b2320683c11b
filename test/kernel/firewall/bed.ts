// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { encodeMark, instanceMac } from '../../../api/context/context.ts';
import { MARK_CONTEXT } from '../../../api/context/generated/context.ts';
import { chainGateway, chainTable, errorSource } from '../../../api/context/instance.ts';
import { formatMac } from '../../../api/net/mac.ts';
import { hex } from '../../../functions/shared/nft/context.ts';
import { CounterTotals, type CounterValue } from '../../../functions/shared/nft/counters.ts';
import { KernelTable } from '../../../functions/shared/nft/kernel-table.ts';
import { createNft, type Nft } from '../../../functions/shared/nft/nft.ts';
import { removeNamespace } from '../../../tools/netns/remove.ts';
import { run } from './shell.ts';

/** The context of a packet of a chain. */
export interface Context {
  readonly path: number;
  readonly reply?: boolean;
  readonly probe?: boolean;
}

/** The MAC of chain0, and the MACs by which the wire encodes the context of a frame. */
export const CHAIN0_MAC = formatMac(instanceMac(7));
export const PATHS = [11, 12] as const;

/** The namespace of a function as the agent prepares it, and a wire to it from another namespace. */
export interface Bed {
  readonly nft: Nft;
  readonly table: KernelTable;
  readonly command: readonly ['ip', ...string[]];
  readonly functionNamespace: string;
  readonly wireNamespace: string;
  /** Sends frames in order; returns all that came out. `gap` waits for the answer to each. */
  exchange(frames: readonly string[], gap?: number): Promise<readonly string[]>;
  counters(): Promise<ReadonlyMap<string, CounterValue>>;
  forgetFlows(): Promise<void>;
  close(): Promise<void>;
}

let made = 0;

/** Makes the bed; the packet filter only has the rules that set marks. */
export async function makeBed(): Promise<Bed> {
  made += 1;
  const tag = `hfw${process.pid}-${made}`;
  const fn = `${tag}-f`;
  const wire = `${tag}-w`;
  const inside = (...args: string[]): Promise<string> => run('ip', 'netns', 'exec', fn, ...args);
  await run('ip', 'netns', 'add', fn);
  await run('ip', 'netns', 'add', wire);
  await run('ip', '-n', wire, 'link', 'add', 'port', 'type', 'veth', 'peer', 'name', 'chain0', 'netns', fn);
  await inside('sh', '-ec', PREPARE);
  await run(
    'ip',
    'netns',
    'exec',
    wire,
    'sh',
    '-ec',
    'sysctl -qw net.ipv6.conf.all.disable_ipv6=1; ip link set port up promisc on',
  );
  const command = ['ip', 'netns', 'exec', fn] as const;
  const nft = createNft([...command, 'nft']);
  const counters = new CounterTotals(nft);
  await nft.transact(renderMarks());
  const port = new Port(
    spawn('ip', ['netns', 'exec', wire, 'python3', join(import.meta.dirname, 'wire.py'), 'port']),
  );
  return {
    nft,
    table: new KernelTable({ nft, counters, log: pino({ level: 'silent' }) }),
    command,
    functionNamespace: fn,
    wireNamespace: wire,
    exchange: (frames, gap) => port.exchange(frames, gap),
    counters: async () => {
      await counters.collect();
      return new Map(await counters.read());
    },
    forgetFlows: async () => void (await inside('conntrack', '-F').catch(() => '')),
    close: async () => {
      port.close();
      await removeNamespace(fn);
      await removeNamespace(wire);
    },
  };
}

/** The preparation that docs/architecture.md describes in "A function's pod". */
export const PREPARE = `
ip link set lo up
ip link set chain0 address ${CHAIN0_MAC}
ip addr add ${errorSource[4]}/32 dev chain0
sysctl -qw net.ipv6.conf.chain0.accept_dad=0 net.ipv6.conf.chain0.accept_ra=0
ip addr add ${errorSource[6]}/128 dev chain0 nodad
ip link set chain0 up
for family in -4 -6; do
  ip $family rule del pref 0
  ip $family rule add pref 0 fwmark ${hex(MARK_CONTEXT)}/${hex(MARK_CONTEXT)} lookup ${chainTable}
  ip $family rule add pref 1 lookup local
done
ip neigh replace ${chainGateway[4]} lladdr ${chainGateway.mac} dev chain0 nud permanent
ip neigh replace ${chainGateway[6]} lladdr ${chainGateway.mac} dev chain0 nud permanent
ip -4 route add default via ${chainGateway[4]} dev chain0 onlink table ${chainTable}
ip -6 route add default via ${chainGateway[6]} dev chain0 onlink table ${chainTable}
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.fwmark_reflect=1 net.ipv6.fwmark_reflect=1
sysctl -qw net.ipv4.icmp_errors_use_inbound_ifaddr=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
sysctl -qw net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000 || true
for i in all chain0; do
  sysctl -qw net.ipv4.conf.$i.rp_filter=0 net.ipv4.conf.$i.accept_local=1 net.ipv4.conf.$i.send_redirects=0
done`;

export function markOf({ path, reply, probe }: Context): number {
  return encodeMark({ path, position: 0, isReply: reply, isProbe: probe });
}

/** The MAC that encodes a context on the wire: `02:00`, and the four bytes of the mark. */
export function macOf(context: Context): string {
  const hex = markOf(context).toString(16).padStart(8, '0');
  return `0200${hex}`.match(/../g)!.join(':');
}

const CONTEXTS: readonly Context[] = PATHS.flatMap((path) => [
  { path },
  { path, reply: true },
  { path, probe: true },
]);

/** The rules that stand in for the agent's programs: from the context of a frame to its mark, and back. */
export function renderMarks(): string {
  const into = CONTEXTS.map((context) => `${macOf(context)} : ${markOf(context)}`).join(', ');
  const out = CONTEXTS.map((context) => `${markOf(context)} : ${macOf(context)}`).join(', ');
  return `table netdev wire {
  chain in {
    type filter hook ingress device chain0 priority 0; policy accept;
    meta mark set ether saddr map { ${into} }
  }
  chain out {
    type filter hook egress device chain0 priority 0; policy accept;
    ether daddr set meta mark map { ${out} }
  }
}
`;
}

/** The kernel of the function's namespace joins groups on its own link from time to time. */
const MULTICAST = '3333';

const QUIET_SECONDS = 0.04;

/** The process at the other end of chain0. */
class Port {
  readonly #child: ChildProcess;
  readonly #waiting: ((frames: readonly string[]) => void)[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const { frames } = JSON.parse(line) as { frames: string[] };
      this.#waiting.shift()?.(frames.filter((frame) => !frame.startsWith(MULTICAST)));
    });
    child.stderr!.on('data', (data) => console.error(String(data)));
    // EPIPE: the process has ended; whatever waits for its answer reports it.
    child.stdin!.on('error', () => {});
  }

  exchange(frames: readonly string[], gap?: number): Promise<readonly string[]> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child.stdin!.write(`${JSON.stringify({ frames, quiet: QUIET_SECONDS, gap })}\n`);
    });
  }

  close(): void {
    this.#child.stdin!.end();
  }
}
