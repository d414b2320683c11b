// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { encodeFrames, FrameReader } from './frame.ts';
import { encodeMessage, type Message, MessageReader, REQUEST, RESPONSE } from './message.ts';
import { decode, encode } from './proto.ts';
import type { Answer } from './service.ts';

/** Numbers of the mux's connections: on the first one the runtime calls the plugin, on the second the plugin the runtime. */
const PLUGIN = 1;
const RUNTIME = 2;

type Serve = (method: string, payload: Uint8Array) => Promise<Answer>;

interface Call {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Both directions of ttrpc over one socket. Invalid bytes close the socket; its owner then connects again. */
export class NriConnection {
  readonly #socket: Socket;
  readonly #serve: Serve;
  readonly #frames = new FrameReader();
  readonly #requests = new MessageReader();
  readonly #responses = new MessageReader();
  readonly #calls = new Map<number, Call>();
  #nextStream = 1;

  constructor(socket: Socket, serve: Serve) {
    this.#socket = socket;
    this.#serve = serve;
    socket.on('data', (piece: Buffer) => this.#read(piece));
    socket.on('close', () => this.#end());
  }

  /** Calls the runtime; rejects when it answers with an error or the socket ends first. */
  call(method: string, payload: Uint8Array): Promise<void> {
    // The stream ids of a client are odd and increase.
    const stream = this.#nextStream;
    this.#nextStream += 2;
    const request = encode('Request', { service: 'nri.pkg.api.v1alpha1.Runtime', method, payload });
    return new Promise((resolve, reject) => {
      this.#calls.set(stream, { resolve, reject });
      this.#send(RUNTIME, { stream, type: REQUEST, data: request });
    });
  }

  #read(piece: Buffer): void {
    try {
      for (const { connection, payload } of this.#frames.push(piece)) {
        if (connection === PLUGIN) this.#readRequests(payload);
        else if (connection === RUNTIME) this.#readResponses(payload);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #readRequests(payload: Buffer): void {
    for (const message of this.#requests.push(payload)) {
      if (message.type === REQUEST) this.#reply(message).catch((error: unknown) => this.#fail(error));
    }
  }

  #readResponses(payload: Buffer): void {
    for (const message of this.#responses.push(payload)) this.#settle(message);
  }

  async #reply(message: Message): Promise<void> {
    const { method, payload } = decode('Request', message.data);
    const answer = await this.#serve(method, payload);
    const data =
      answer.kind === 'Ok'
        ? encode('Response', { payload: answer.payload })
        : encode('Response', { status: { code: answer.code, message: answer.message } });
    this.#send(PLUGIN, { stream: message.stream, type: RESPONSE, data });
  }

  #fail(error: unknown): void {
    this.#socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }

  #settle(message: Message): void {
    const call = this.#calls.get(message.stream);
    if (call === undefined || message.type !== RESPONSE) return;
    this.#calls.delete(message.stream);
    const { status } = decode('Response', message.data);
    if (status === null || status.code === 0) call.resolve();
    else call.reject(new Error(`${status.message} (code ${status.code})`));
  }

  #send(connection: number, message: { stream: number; type: number; data: Uint8Array }): void {
    if (!this.#socket.writable) return;
    this.#socket.write(encodeFrames(connection, encodeMessage(message)));
  }

  #end(): void {
    for (const { reject } of this.#calls.values()) reject(new Error('the runtime closed the connection'));
    this.#calls.clear();
  }
}
