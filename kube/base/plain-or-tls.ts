// SPDX-License-Identifier: Apache-2.0
import type { Server, Socket } from 'node:net';

/** First byte of a TLS connection: the type of a handshake record. No HTTP method begins with it. */
const HANDSHAKE = 0x16;
/** Time that a client has for its first byte. */
const FIRST_BYTE_MS = 5000;

/**
 * Hands a new connection to the server of its protocol, by its first byte. So health checks of the kubelet, which have
 * no token, and everything else share one port.
 */
export function handOver(
  socket: Socket,
  to: { readonly plain: Server; readonly tls: Server; readonly mayEncrypt: () => boolean },
): void {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(FIRST_BYTE_MS, () => socket.destroy());
  socket.once('data', (first: Buffer) => {
    const isTls = first[0] === HANDSHAKE;
    if (isTls && !to.mayEncrypt()) {
      socket.destroy();
      return;
    }
    socket.pause();
    socket.setTimeout(0);
    socket.removeAllListeners('timeout');
    socket.unshift(first);
    (isTls ? to.tls : to.plain).emit('connection', socket);
    process.nextTick(() => socket.resume());
  });
}
