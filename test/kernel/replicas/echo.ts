// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/**
 * Runs in a pod: echoes TCP and UDP on one port of both families. The data is the number of milliseconds to wait before
 * the echo. Prints `ready` at the start.
 */
const port = Number(process.argv[2]);

const server = createServer((socket) => {
  socket.on('data', (data) => setTimeout(() => socket.write(data), Number(data)));
  socket.on('error', () => socket.destroy());
});
server.listen({ port, host: '::', backlog: 4096 }, () => {
  const udp = createSocket('udp6');
  udp.on('message', (data, from) => setTimeout(() => udp.send(data, from.port, from.address), Number(data)));
  udp.bind(port, '::', () => console.log('ready'));
});
