import { exec } from '../../../tools/cluster/kubectl.ts';

/** Programs that pods of these tests run; each prints one line of JSON at its end. */

/** Answers each datagram with itself, and sends a steady stream to whoever connects by TCP on the next port. */
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

/** Numbered datagrams every 10 ms for a while; what did not come back within a second is lost. */
export async function streamUdp(options: {
  readonly pod: string;
  readonly namespace: string;
  readonly address: string;
  readonly port: number;
  readonly seconds: number;
}): Promise<UdpResult> {
  const script = `const socket = require('node:dgram').createSocket('udp4');
const back = new Set();
let sent = 0;
socket.on('message', (message) => back.add(message.toString()));
const timer = setInterval(() => socket.send(String(sent++), ${options.port}, '${options.address}'), 10);
setTimeout(() => clearInterval(timer), ${options.seconds * 1000});
setTimeout(() => { console.log(JSON.stringify({ sent, lost: sent - back.size })); process.exit(0); }, ${options.seconds * 1000 + 1000});`;
  return run<UdpResult>(options, script);
}

export interface TcpResult {
  readonly bytes: number;
  readonly error: string | null;
}

/** One connection that echoes as fast as it can for a while; \`error\` says why it ended early. */
export async function streamTcp(options: {
  readonly pod: string;
  readonly namespace: string;
  readonly address: string;
  readonly port: number;
  readonly seconds: number;
}): Promise<TcpResult> {
  const script = `let bytes = 0;
const finish = (error) => { console.log(JSON.stringify({ bytes, error })); process.exit(0); };
const socket = require('node:net').connect(${options.port}, '${options.address}', () => socket.write(Buffer.alloc(16384)));
socket.on('data', (chunk) => { bytes += chunk.length; socket.write(chunk); });
socket.on('error', (error) => finish(String(error.code)));
socket.on('close', () => finish('closed'));
setTimeout(() => finish(null), ${options.seconds * 1000});`;
  return run<TcpResult>(options, script);
}

async function run<T>(
  options: { readonly pod: string; readonly namespace: string; readonly seconds: number },
  script: string,
): Promise<T> {
  const reply = await exec(options.pod, ['node', '-e', script], {
    namespace: options.namespace,
    timeoutMs: options.seconds * 1000 + 60_000,
  });
  if (reply.code !== 0) throw new Error(`in ${options.namespace}/${options.pod}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as T;
}
