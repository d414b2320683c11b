import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Runs in a pod: answers TCP and UDP with what it got, on one port of both families. Says `ready`. */
const port = Number(process.argv[2]);

const server = createServer((socket) => {
  socket.on('data', (data) => socket.write(data));
  socket.on('error', () => socket.destroy());
});
server.listen({ port, host: '::', backlog: 4096 }, () => {
  const udp = createSocket('udp6');
  udp.on('message', (data, from) => udp.send(data, from.port, from.address));
  udp.bind(port, '::', () => console.log('ready'));
});
