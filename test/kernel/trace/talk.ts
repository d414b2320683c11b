// SPDX-License-Identifier: Apache-2.0
import type { World } from '../world/world.ts';

/** The port that echoes UDP and every TCP connection that sends something. */
export const ECHO_PORT = 7000;

const SERVER = `
const dgram = require('node:dgram');
const net = require('node:net');
for (const type of ['udp4', 'udp6']) {
  const socket = dgram.createSocket({ type, ipv6Only: type === 'udp6' });
  socket.on('message', (text, from) => socket.send(text, from.port, from.address));
  socket.bind(${ECHO_PORT});
}
net.createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(${ECHO_PORT}, '::', () => console.log('ready'));
`;

/** Starts the server; the returned function ends it. */
export async function serve(world: World, pod: string): Promise<() => void> {
  const child = world.spawn(pod, [process.execPath, '-e', SERVER]);
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the server ended: ${code}`)));
  });
  return () => void child.kill('SIGKILL');
}

export interface Talk {
  readonly protocol: 'TCP' | 'UDP';
  readonly address: string;
  readonly ports: readonly number[];
  /** How long to wait for answers. */
  readonly patienceMs?: number;
}

/** Sends something from each port and waits for the answer; returns the ports that got one. */
export async function say(world: World, pod: string, talk: Talk): Promise<readonly number[]> {
  const script = talk.protocol === 'UDP' ? UDP_CLIENT : TCP_CLIENT;
  const output = await world.exec(pod, [process.execPath, '-e', script, JSON.stringify(talk)]);
  return (JSON.parse(output) as number[]).sort((a, b) => a - b);
}

const FINISH = `
const talk = JSON.parse(process.argv[1]);
const answered = new Set();
const done = () => { console.log(JSON.stringify([...answered])); process.exit(0); };
setTimeout(done, talk.patienceMs ?? 2000);
const heard = (port) => { answered.add(port); if (answered.size === talk.ports.length) done(); };
`;

const UDP_CLIENT = `${FINISH}
const dgram = require('node:dgram');
for (const port of talk.ports) {
  const socket = dgram.createSocket(talk.address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', () => heard(port));
  socket.bind(port, () => socket.send('hello', ${ECHO_PORT}, talk.address));
}`;

const TCP_CLIENT = `${FINISH}
const net = require('node:net');
for (const localPort of talk.ports) {
  const socket = net.connect({ host: talk.address, port: ${ECHO_PORT}, localPort });
  socket.on('error', () => {});
  socket.on('connect', () => socket.write('hello'));
  socket.on('data', () => heard(localPort));
}`;
