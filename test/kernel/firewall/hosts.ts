// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { createNft } from '../../../functions/shared/nft/nft.ts';
import { type Bed, CHAIN0_MAC, macOf } from './bed.ts';
import { NODE, run } from './shell.ts';

export const CLIENT = '10.9.0.1';
export const SERVER = '10.9.0.2';
const CLIENT_MAC = '06:00:00:00:00:01';
const SERVER_MAC = '06:00:00:00:00:02';
const PATH = 11;

/** A client and a server with their own network stacks; all of their traffic passes the bed. */
export interface Hosts {
  /** Runs a Node script in the client's namespace; returns its output. */
  client(script: string): Promise<string>;
  /** Starts a Node script in the server's namespace and waits for its first line. */
  serve(script: string): Promise<void>;
  close(): Promise<void>;
}

/** Connects two hosts to the wire of a bed, one at each end of path 11. */
export async function addHosts(bed: Bed): Promise<Hosts> {
  const { wireNamespace: wire } = bed;
  const client = `${wire}c`;
  const server = `${wire}s`;
  for (const [name, port, address, mac, other, otherMac] of [
    [client, 'client', CLIENT, CLIENT_MAC, SERVER, SERVER_MAC],
    [server, 'server', SERVER, SERVER_MAC, CLIENT, CLIENT_MAC],
  ] as const) {
    await run('ip', 'netns', 'add', name);
    await run('ip', '-n', wire, 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'net1', 'netns', name);
    await run('ip', '-n', wire, 'link', 'set', port, 'up');
    await run('ip', '-n', name, 'link', 'set', 'net1', 'address', mac, 'up');
    await run('ip', '-n', name, 'addr', 'add', `${address}/24`, 'dev', 'net1');
    await run('ip', '-n', name, 'neigh', 'add', other, 'lladdr', otherMac, 'dev', 'net1', 'nud', 'permanent');
  }
  await createNft(['ip', 'netns', 'exec', wire, 'nft']).transact(STEERING);
  const servers: ChildProcess[] = [];
  return {
    client: (script) => run('ip', 'netns', 'exec', client, NODE, '-e', script),
    serve: (script) =>
      new Promise((resolve, reject) => {
        const child = spawn('ip', ['netns', 'exec', server, NODE, '-e', script]);
        servers.push(child);
        child.stdout.once('data', () => resolve());
        child.once('exit', (code) => reject(new Error(`server ended: ${code}`)));
        child.stderr.on('data', (data) => console.error(String(data)));
      }),
    close: async () => {
      for (const child of servers) child.removeAllListeners('exit').kill('SIGKILL');
      await run('ip', 'netns', 'del', client);
      await run('ip', 'netns', 'del', server);
    },
  };
}

const STEERING = `table netdev hosts {
  chain client {
    type filter hook ingress device client priority 0; policy drop;
    ether saddr set ${macOf({ path: PATH })} ether daddr set ${CHAIN0_MAC} fwd to "port"
  }
  chain server {
    type filter hook ingress device server priority 0; policy drop;
    ether saddr set ${macOf({ path: PATH, reply: true })} ether daddr set ${CHAIN0_MAC} fwd to "port"
  }
  chain back {
    type filter hook ingress device port priority 0; policy accept;
    ip daddr ${CLIENT} ether daddr set ${CLIENT_MAC} fwd to "client"
    ip daddr ${SERVER} ether daddr set ${SERVER_MAC} fwd to "server"
  }
}
`;
