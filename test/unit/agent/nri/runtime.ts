// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFrames, FrameReader } from '../../../../agent/nri/frame.ts';
import { encodeMessage, MessageReader, REQUEST, RESPONSE } from '../../../../agent/nri/message.ts';
import { decode, encode, type Messages } from '../../../../agent/nri/proto.ts';

/**
 * The runtime's side of NRI on a socket, as containerd does it: it waits for the registration, configures and
 * synchronizes the plugin, and then calls it.
 */
export class TestRuntime {
  readonly socketPath = join(mkdtempSync(join(tmpdir(), 'nri-')), 'nri.sock');
  readonly registrations: Messages['RegisterPluginRequest'][] = [];
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Map<number, (answer: Messages['Response']) => void>();
  #server: Server | undefined;
  #nextStream = 1;
  #whenRegistered: Array<() => void> = [];

  async listen(): Promise<void> {
    this.#server = createServer((socket) => this.#serve(socket));
    await new Promise<void>((resolve) => this.#server?.listen(this.socketPath, resolve));
  }

  registered(): Promise<void> {
    return new Promise((resolve) => this.#whenRegistered.push(resolve));
  }

  /** Calls the plugin and resolves with its answer. */
  call<Name extends keyof Messages>(
    method: string,
    request: { type: Name; value: Partial<Messages[Name]> },
  ): Promise<Messages['Response']> {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const payload = encode(request.type, request.value);
    const data = encode('Request', { service: 'nri.pkg.api.v1alpha1.Plugin', method, payload });
    const answer = new Promise<Messages['Response']>((resolve) => this.#waiting.set(stream, resolve));
    this.send(encodeFrames(1, encodeMessage({ stream, type: REQUEST, data })));
    return answer;
  }

  send(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  /** Closes the connection but not the socket, as a restart of the runtime does. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.dropConnections();
    await new Promise((resolve) => this.#server?.close(resolve) ?? resolve(undefined));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const frames = new FrameReader();
    const readers = new Map([1, 2].map((connection) => [connection, new MessageReader()]));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (piece: Buffer) => {
      for (const { connection, payload } of frames.push(piece)) {
        for (const message of readers.get(connection)!.push(payload)) {
          if (connection === 2) this.#register(socket, message);
          else this.#waiting.get(message.stream)?.(decode('Response', message.data));
        }
      }
    });
  }

  #register(socket: Socket, message: { stream: number; data: Buffer }): void {
    const request = decode('Request', message.data);
    this.registrations.push(decode('RegisterPluginRequest', request.payload));
    const data = encode('Response', { payload: encode('Empty', {}) });
    socket.write(encodeFrames(2, encodeMessage({ stream: message.stream, type: RESPONSE, data })));
    for (const resolve of this.#whenRegistered) resolve();
    this.#whenRegistered = [];
  }
}
