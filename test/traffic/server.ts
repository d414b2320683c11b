import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';

// Answers each datagram with itself and each connection with what it says: on one port, over IPv4 and IPv6. It imports
// nothing of ours, since pods run it as a text (`program.ts`).
const port = Number(process.argv.at(-1));
const RECEIVE_BUFFER = 4 << 20;

try {
  // As the client's.
  setPriority(-19);
} catch {
  // Not allowed: so be it.
}

const udp = createSocket({ type: 'udp6', recvBufferSize: RECEIVE_BUFFER });
udp.on('message', (message, peer) => udp.send(message, peer.port, peer.address));
const tcp = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
udp.bind(port, () => tcp.listen({ port, host: '::', backlog: 1024 }, () => console.log('listening')));
process.on('SIGTERM', () => process.exit(0));
