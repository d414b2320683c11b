// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** Most connections in all. */
  readonly most: number;
  /** Most connections of one address. */
  readonly mostEach: number;
  /**
   * Most handshakes of TLS with one address in a second: they cost computing time. Health checks of the kubelet are not
   * encrypted, and need no such limit.
   */
  readonly mostHandshakes: number;
}

export const DEFAULT_LIMITS: ConnectionLimits = { most: 256, mostEach: 64, mostHandshakes: 50 };

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Whether it waits for an answer that it may have; such a connection is not closed in favour of a new one. */
  kept: boolean;
}

/**
 * Connections limits those of a server. At a limit the oldest connection is closed, not the new one: who holds many
 * connections open must not keep the kubelet's probe out (`maxConnections` of Node would).
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  /** By address and port of the peer, oldest first. */
  readonly #open = new Map<string, Connection>();
  /** Handshakes in the present second, by address. */
  #handshakes = new Map<string, number>();
  #second = 0;

  constructor(limits: ConnectionLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new connection, and closes an old one if there are too many. */
  add(socket: Socket): void {
    const { most, mostEach } = this.#limits;
    const address = socket.remoteAddress ?? '';
    const ofAddress = [...this.#open.values()].filter((each) => each.address === address);
    if (ofAddress.length >= mostEach) close(ofAddress);
    else if (this.#open.size >= most) close([...this.#open.values()]);
    const key = keyOf(socket);
    this.#open.set(key, { socket, address, kept: false });
    socket.once('close', () => this.#open.delete(key));
  }

  /** Whether a connection may begin TLS now; `now` is in milliseconds. */
  mayEncrypt({ remoteAddress = '' }: Socket, now: number): boolean {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#handshakes = new Map();
    }
    const count = (this.#handshakes.get(remoteAddress) ?? 0) + 1;
    this.#handshakes.set(remoteAddress, count);
    return count <= this.#limits.mostHandshakes;
  }

  /** Keeps a connection, which may be the TLS side of one that was added, until it is closed. */
  keep(socket: Socket): void {
    const found = this.#open.get(keyOf(socket));
    if (found) found.kept = true;
  }

  closeAll(): void {
    for (const { socket } of [...this.#open.values()]) socket.destroy();
  }
}

/** Closes the oldest connection that is not kept; the oldest one when all are. */
function close(connections: readonly Connection[]): void {
  (connections.find(({ kept }) => !kept) ?? connections[0])?.socket.destroy();
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
