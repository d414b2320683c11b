// SPDX-License-Identifier: Apache-2.0
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

// Answers each datagram with itself and each connection with what it says: on one port, over IPv4 and IPv6. It imports
// nothing of ours, since pods run it as a text (`program.ts`).
const [port, name] = (process.argv.at(-1) ?? '').split('/');
const RECEIVE_BUFFER = 4 << 20;

const udp = createSocket({ type: 'udp6', recvBufferSize: RECEIVE_BUFFER });
udp.on('message', (message, peer) => udp.send(message, peer.port, peer.address));
const tcp = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
udp.bind(Number(port), () =>
  tcp.listen({ port: Number(port), host: '::', backlog: 1024 }, () => console.log(`${name} listens`)),
);
process.on('SIGTERM', () => process.exit(0));
