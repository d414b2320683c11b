// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestOptions } from 'vitest';
import { readTarget } from '../../../tools/cluster/kubectl.ts';
import { serverScript } from '../../../tools/cluster/workloads.ts';
import { removeNamespace } from '../../../tools/netns/remove.ts';
import { Conversation, inside, missingForVpn, NODE, run, shell } from '../../kernel/vpn/shell.ts';
import { needs, skipWhere } from '../../support/needs.ts';
import { isOurs } from '../resilience/nodes.ts';

/** Machines outside the cluster: network namespaces of this machine, on the nodes' network. */
export interface Outside {
  addClient(): Promise<Client>;
  close(): Promise<void>;
}

/** A machine with the standard tools of WireGuard, and nothing of Heddle. */
export interface Client {
  readonly namespace: string;
  /** Runs `wg-quick up` with this file, as a user would; the file before it is taken down first. */
  up(file: string): Promise<void>;
  shell(script: string): Promise<string>;
  /** Asks a web server: its answer, `refused`, or `silent` after three seconds. */
  get(url: string): Promise<string>;
  /** Starts a web server there that returns the client's address. */
  serve(ports: readonly number[]): Promise<void>;
  /** Counts the bytes that a web server sends; stops when nothing comes for five seconds. */
  download(url: string): Promise<number>;
}

interface Wire {
  readonly bridge: string;
  /** The host's address in the IPv4 network of the nodes. */
  readonly host: string;
  readonly prefixLength: number;
}

/** Options of tests with clients outside. In our own cluster, nothing that they need may be missing. */
export function needsOutside(): TestOptions {
  return isOurs ? needs(missingOutside()) : skipWhere(missingOutside());
}

/** Why clients outside cannot exist here; undefined when they can. */
export function missingOutside(): string | undefined {
  const missing = missingForVpn();
  if (missing) return missing;
  return findWire() ? undefined : 'the nodes are not on a bridge of this machine';
}

/** Finds the bridge through which this machine reaches the nodes. */
function findWire(): Wire | undefined {
  const ip = (...args: readonly string[]): unknown =>
    JSON.parse(execFileSync('ip', ['-j', ...args]).toString());
  try {
    const { kubectl, kubeconfig } = readTarget();
    const path = 'jsonpath={.items[0].status.addresses[?(@.type=="InternalIP")].address}';
    const args = ['--kubeconfig', kubeconfig, 'get', 'nodes', '-o', path];
    const node = execFileSync(kubectl, args)
      .toString()
      .split(' ')
      .find((each) => each.includes('.'));
    if (!node) return undefined;
    const [route] = ip('route', 'get', node) as readonly {
      readonly dev: string;
      readonly gateway?: string;
    }[];
    if (!route || route.gateway) return undefined;
    const [link] = ip('-d', 'addr', 'show', 'dev', route.dev) as readonly {
      readonly linkinfo?: { readonly info_kind?: string };
      readonly addr_info: readonly {
        readonly family: string;
        readonly local: string;
        readonly prefixlen: number;
      }[];
    }[];
    const own = link?.addr_info.find(({ family }) => family === 'inet');
    if (link?.linkinfo?.info_kind !== 'bridge' || !own) return undefined;
    return { bridge: route.dev, host: own.local, prefixLength: own.prefixlen };
  } catch {
    return undefined;
  }
}

export function makeOutside(): Outside {
  const wire = findWire();
  if (!wire) throw new Error('there is no wire to put clients on');
  const folder = mkdtempSync(join(tmpdir(), 'heddle-outside-'));
  const tag = `hvo${process.pid % 100_000}`;
  const namespaces: string[] = [];
  const given = new Set<string>();

  async function addClient({ bridge, host, prefixLength }: Wire): Promise<Client> {
    const name = `${tag}${namespaces.length}`;
    const address = await freeAddress(host, given);
    given.add(address);
    namespaces.push(name);
    await run('ip', 'netns', 'add', name);
    await run('ip', 'link', 'add', `${name}w`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await run('ip', 'link', 'set', `${name}w`, 'master', bridge, 'up');
    await shell(
      name,
      `ip link set lo up; ip addr add ${address}/${prefixLength} dev eth0; ip link set eth0 up`,
    );
    // The standard tools name a socket after the interface, and namespaces do not separate those.
    const file = join(folder, `${name}.conf`);
    let isUp = false;
    return {
      namespace: name,
      up: async (text) => {
        if (isUp) await inside(name, 'wg-quick', 'down', file);
        writeFileSync(file, text, { mode: 0o600 });
        await inside(name, 'wg-quick', 'up', file);
        isUp = true;
      },
      shell: (script) => shell(name, script),
      serve: async (ports) => {
        const script = `${serverScript(ports)}; console.log('listening')`;
        await new Conversation(['ip', 'netns', 'exec', name, NODE, '-e', script]).next();
      },
      get: async (url) => (await inside(name, NODE, '-e', GET, url)).trim(),
      download: async (url) => Number(await inside(name, NODE, '-e', DOWNLOAD, url)),
    };
  }

  return {
    addClient: () => addClient(wire),
    close: async () => {
      for (const name of namespaces) await removeNamespace(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Finds a free address. Engines assign addresses from the beginning of their network, so it tests addresses from the
 * end.
 */
async function freeAddress(host: string, given: ReadonlySet<string>): Promise<string> {
  const base = host.slice(0, host.lastIndexOf('.'));
  for (let last = 250; last > 200; last -= 1) {
    const address = `${base}.${last}`;
    if (given.has(address)) continue;
    const answers = await run('ping', '-c', '3', '-i', '0.3', '-W', '1', address).then(
      () => true,
      () => false,
    );
    if (!answers) return address;
  }
  throw new Error(`no address of ${base}.0/24 is free`);
}

const GET = `require('node:http').get(process.argv[1], { agent: false, timeout: 3000 }, (reply) => reply.pipe(process.stdout))
  .on('timeout', () => { console.log('silent'); process.exit(); })
  .on('error', () => console.log('refused'));`;

const DOWNLOAD = `let bytes = 0;
const end = () => { console.log(bytes); process.exit(); };
require('node:http').get(process.argv[1], { agent: false, timeout: 5000 }, (reply) => {
  reply.on('data', (data) => { bytes += data.length; });
  reply.on('end', end);
}).on('timeout', end).on('error', end);`;
