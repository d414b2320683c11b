// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { exec } from '../../../tools/cluster/kubectl.ts';

/** Programs that pods of these tests run; each prints one line of JSON at its end. */

/** Echoes each datagram, and sends a steady stream to each TCP client of the next port. */
export function echoScript(port: number): string {
  return `const dgram = require('node:dgram');
const net = require('node:net');
const udp = dgram.createSocket('udp4');
udp.on('message', (message, peer) => udp.send(message, peer.port, peer.address));
udp.bind(${port});
net.createServer((socket) => { socket.on('error', () => {}); socket.pipe(socket); }).listen(${port + 1}, '::');
process.on('SIGTERM', () => process.exit(0));`;
}

export interface UdpResult {
  readonly sent: number;
  readonly lost: number;
}

export interface StreamOptions {
  readonly pod: string;
  readonly namespace: string;
  readonly address: string;
  readonly port: number;
  /** Ends the stream when it resolves; a time limit ends it anyway. */
  readonly end: Promise<unknown>;
  readonly mostSeconds: number;
}

/** Sends numbered datagrams every 10 ms until the end; one that does not come back within a second is lost. */
export async function streamUdp(options: StreamOptions): Promise<UdpResult> {
  const script = `const socket = require('node:dgram').createSocket('udp4');
const back = new Set();
let sent = 0;
socket.on('message', (message) => back.add(message.toString()));
const timer = setInterval(() => socket.send(String(sent++), ${options.port}, '${options.address}'), 10);
const end = () => {
  clearInterval(timer);
  setTimeout(() => { console.log(JSON.stringify({ sent, lost: sent - back.size })); process.exit(0); }, 1000);
};`;
  return run<UdpResult>(options, script);
}

export interface TcpResult {
  readonly bytes: number;
  readonly error: string | null;
}

/** Echoes on one connection as fast as it can until the end; `error` says why it ended early. */
export async function streamTcp(options: StreamOptions): Promise<TcpResult> {
  const script = `let bytes = 0;
const finish = (error) => { console.log(JSON.stringify({ bytes, error })); process.exit(0); };
const socket = require('node:net').connect(${options.port}, '${options.address}', () => socket.write(Buffer.alloc(16384)));
socket.on('data', (chunk) => { bytes += chunk.length; socket.write(chunk); });
socket.on('error', (error) => finish(String(error.code)));
socket.on('close', () => finish('closed'));
const end = () => finish(null);`;
  return run<TcpResult>(options, script);
}

/** Runs a script, which calls its `end` when a file exists: an exec has no other signal. */
async function run<T>(options: StreamOptions, script: string): Promise<T> {
  const { pod, namespace, mostSeconds } = options;
  const file = `/tmp/end-${randomUUID()}`;
  const watch = `
const ends = setInterval(() => {
  if (performance.now() < ${mostSeconds * 1000} && !require('node:fs').existsSync('${file}')) return;
  clearInterval(ends);
  end();
}, 50);`;
  const running = exec(pod, ['node', '-e', script + watch], {
    namespace,
    timeoutMs: mostSeconds * 1000 + 60_000,
  });
  void options.end.then(() => exec(pod, ['touch', file], { namespace }));
  const reply = await running;
  if (reply.code !== 0) throw new Error(`in ${namespace}/${pod}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as T;
}
