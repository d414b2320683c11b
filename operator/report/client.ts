// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import https from 'node:https';
import type { ConnectionOptions } from 'node:tls';
import { functionPort } from '../../api/index.ts';
import { type ReportChannel, reportKeys, reportTls } from '../../api/report-key.ts';
import { ReportError } from './parse.ts';

/** Idle connections are closed before the instance does it, so that a request seldom uses a closed one. */
const IDLE_MS = 10_000;

const common = { keepAlive: true, maxSockets: 2, timeout: IDLE_MS };
const agents = {
  plain: new http.Agent(common),
  // A resumed session would not prove the key again.
  key: new https.Agent({ ...common, maxCachedSessions: 0 }),
};

/** A request for a page of one instance. */
export interface PageRequest {
  /** The address of its pod. */
  readonly ip: string;
  /** Default: the port of functions. */
  readonly port?: number;
  readonly channel: ReportChannel;
  readonly path: string;
  readonly mostBytes: number;
  readonly signal: AbortSignal;
  /** Told how many bytes the instance has sent, whether or not they are valid. */
  readonly spend: (bytes: number) => void;
}

/** Reads a page of an instance. With a key, both sides have proved that they have it before anything is sent. */
export function readPage(request: PageRequest): Promise<string> {
  const { ip, port = functionPort, channel, path, mostBytes, signal, spend } = request;
  const options = { host: ip, port, path, signal };
  return new Promise((resolve, reject) => {
    const asked =
      channel.kind === 'Former'
        ? http.request({ ...options, agent: agents.plain })
        : https.request({ ...options, ...provingBy(channel.key), agent: agents.key });
    // Never removed: an error without a listener would end the process.
    asked.on('error', reject);
    // Whatever the instance sends, the request ends with the signal: a change of protocol takes it away from Node's own
    // handling of the signal.
    asked.once('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new ReportError(`${path} asked for another protocol`));
    });
    asked.once('close', () => reject(new ReportError(`${path} ended early`)));
    asked.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        spend(chunk.byteLength);
        bytes += chunk.byteLength;
        if (bytes > mostBytes) response.destroy(new ReportError(`${path} is longer than ${mostBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.once('end', () => {
        const { statusCode } = response;
        if (statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
        else reject(new ReportError(`${path} answered ${statusCode}`));
      });
    });
    asked.end();
  });
}

function provingBy(psk: Buffer): ConnectionOptions {
  return {
    ...reportTls,
    pskCallback: () => ({ psk, identity: reportKeys.identity }),
    // The key is the proof; there is no certificate with a name.
    checkServerIdentity: () => undefined,
  };
}
