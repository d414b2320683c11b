// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunctionAccess } from '../../../../functions/shared/access.ts';
import { type HttpServer, startHttpServer } from '../../../../kube/base/http.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import { createRegistry } from '../../../../kube/base/metrics.ts';
import { readPage } from '../../../../operator/report/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'heddle-access-'));
const keyFile = join(folder, 'psk');
const key = Buffer.alloc(32, 7);
const UID = '2f6f3f1e-0000-4000-8000-000000000001';

const access = createFunctionAccess({ keyFile, uid: () => UID });

let server: HttpServer;
beforeAll(async () => {
  writeFileSync(keyFile, `${key.toString('hex')}\n`);
  server = await startHttpServer({
    port: 0,
    host: '127.0.0.1',
    version: '1.2.3',
    registry: createRegistry(),
    log: createLogger({ name: 'test', level: 'silent' }),
    readyChecks: {},
    access,
    routes: (app) => {
      app.get('/report', (_, response) => void response.json({ a: 1 }));
      app.get('/large', (_, response) => void response.send('x'.repeat(8 * 1024 * 1024)));
    },
  });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

let spent = 0;
const read = (psk: Buffer, path = '/report') =>
  readPage({
    ip: '127.0.0.1',
    port: server.port,
    channel: { kind: 'Key', key: psk },
    path,
    mostBytes: 1000,
    signal: AbortSignal.timeout(5000),
    spend: (bytes) => {
      spent += bytes;
    },
  });

const from = (remoteAddress: string, url: string, headers: object = {}) =>
  access.refuse({ url, headers, socket: { remoteAddress } } as never);

describe('a function', () => {
  test('is read by an operator that has its key, and by no other', async () => {
    expect(await read(key)).toBe('{"a":1}');
    await expect(read(Buffer.alloc(32, 8))).rejects.toThrow();
  });

  test('of the release before, which has no key, is read by HTTP', async () => {
    const request = { ip: '127.0.0.1', port: server.port, path: '/report', mostBytes: 1000 };
    const more = { signal: AbortSignal.timeout(5000), spend: () => {} };
    expect(await readPage({ ...request, ...more, channel: { kind: 'Former' } })).toBe('{"a":1}');
  });

  test('that has another key is not believed', async () => {
    writeFileSync(keyFile, Buffer.alloc(32, 9).toString('hex'));
    await expect(read(key, '/report?again')).rejects.toThrow();
    writeFileSync(keyFile, key.toString('hex'));
  });

  test('that sends 8 MiB is cut off at what it may send (security.md: tenant-floods-operator)', async () => {
    spent = 0;
    await expect(read(key, '/large')).rejects.toThrow('longer than 1000 bytes');
    expect(spent).toBeLessThan(1024 * 1024);
  });

  test('answers inside its pod, and nobody else on the network (security.md: pod-reads-tenants)', async () => {
    for (const path of ['/report', '/metrics', '/verdict?a=b', '/drained']) {
      expect(await from('127.0.0.1', path)).toBeUndefined();
      expect(await from('::1', path)).toBeUndefined();
      expect(await from('10.20.0.5', path)).toMatchObject({ status: 426 });
      expect(await from('::ffff:10.20.0.5', path)).toMatchObject({ status: 426 });
    }
  });

  test('lets only the preStop hook of its own pod wait for the end of the drain', async () => {
    const hook = { 'heddle-function-uid': UID };
    expect(await from('10.20.0.5', '/drained', hook)).toBeUndefined();
    expect(await from('10.20.0.5', '/report', hook)).toMatchObject({ status: 426 });
    for (const other of ['x'.repeat(36), 'é'.repeat(36)]) {
      expect(await from('10.20.0.5', '/drained', { 'heddle-function-uid': other })).toBeDefined();
    }
  });
});
