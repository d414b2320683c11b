// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Access } from '../../../../kube/base/access.ts';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../../../kube/base/http.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import { createRegistry, Gauge } from '../../../../kube/base/metrics.ts';
import { createQueueMetrics, createReflectorMetrics } from '../../../../kube/metrics.ts';

const everybody: Access = { tls: {}, refuse: async () => undefined };

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: Partial<HttpServerOptions>) {
  const log = createLogger({ name: 'test', level: 'silent' });
  const server = await startHttpServer({
    version: '1.2.3',
    port: 0,
    host: '127.0.0.1',
    registry: createRegistry(),
    log,
    readyChecks: {},
    access: everybody,
    ...options,
  });
  servers.push(server);
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return { status: response.status, text: await response.text() };
  };
}

test('readiness names each check and what is wrong with it', async () => {
  let synced = false;
  const get = await serve({
    readyChecks: {
      stores: () => (synced ? undefined : 'pods are not complete'),
      kernel: () => Promise.resolve(undefined),
      broken: () => {
        if (!synced) throw new Error('cannot say');
        return undefined;
      },
    },
  });
  expect(await get('/readyz')).toEqual({
    status: 503,
    text: '[-] stores: pods are not complete\n[+] kernel\n[-] broken: cannot say\nfailed\n',
  });
  synced = true;
  expect(await get('/readyz')).toEqual({ status: 200, text: '[+] stores\n[+] kernel\n[+] broken\nok\n' });
});

test('a process that is not ready is still healthy', async () => {
  const get = await serve({ readyChecks: { stores: () => 'not yet' } });
  expect((await get('/healthz')).status).toBe(200);
});

test('metrics of queues and reflectors are served beside those of the process', async () => {
  const registry = createRegistry();
  const queue = createQueueMetrics(registry);
  queue.depth('networks', 3);
  queue.started('networks', 20);
  queue.finished('networks', 40, 'failed');
  createReflectorMetrics(registry).watchEnded('pods', 'Expired');
  const { status, text } = await (await serve({ registry }))('/metrics');
  expect(status).toBe(200);
  expect(text).toContain('heddle_queue_depth{queue="networks"} 3');
  expect(text).toContain('heddle_passes_total{queue="networks",outcome="failed"} 1');
  expect(text).toContain('heddle_watches_ended_total{store="pods",reason="Expired"} 1');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a program adds routes of its own', async () => {
  const get = await serve({
    routes: (app) => app.get('/report', (_, response) => void response.json({ a: 1 })),
  });
  expect(await get('/report')).toEqual({ status: 200, text: '{"a":1}' });
});

test('a port that is taken is an error of the start', async () => {
  await serve({});
  await expect(serve({ port: servers[0]!.port })).rejects.toThrow('EADDRINUSE');
});

const nobody: Access = { tls: {}, refuse: async () => ({ status: 426, message: 'not by HTTP' }) };

/** Asks for metrics from fifty connections; says how many answers there were, every 100 ms. */
const FIFTY_CLIENTS = `const http = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const agent = new http.Agent({ keepAlive: true });
let answered = 0;
const ask = () => {
  const options = { port: workerData, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/metrics', agent };
  const request = http.get(options, (response) => {
    response.resume().once('end', () => { answered += 1; });
    response.once('close', ask);
  });
  request.once('error', () => setTimeout(ask, 10));
};
for (let i = 0; i < 50; i += 1) ask();
setInterval(() => { if (answered > 0) parentPort.postMessage(answered); }, 100);`;

describe('a server that strangers reach (security.md: pod-reads-tenants)', () => {
  test('tells them health and version, and nothing else', async () => {
    const get = await serve({
      access: nobody,
      routes: (app) => app.get('/report', (_, response) => void response.json({ a: 1 })),
    });
    for (const path of ['/healthz', '/readyz', '/version']) expect((await get(path)).status).toBe(200);
    for (const path of ['/metrics', '/report', '/', '/Metrics', '/metrics/']) {
      const { status, text } = await get(path);
      expect(status).toBe(426);
      expect(JSON.parse(text)).toMatchObject({ kind: 'Status', message: 'not by HTTP' });
    }
  });

  test('answers its probe at once while fifty clients ask for metrics', async () => {
    const registry = createRegistry();
    const collect = vi.fn(async () => {
      // What reading the counters of a busy node costs.
      const until = performance.now() + 20;
      while (performance.now() < until);
    });
    new Gauge({ name: 'slow', help: 'slow', registers: [registry], collect });
    const get = await serve({ registry });
    // In a thread of their own, and from an address of their own, as other pods are.
    const clients = new Worker(FIFTY_CLIENTS, { eval: true, workerData: servers.at(-1)!.port });
    await once(clients, 'message');
    const times: number[] = [];
    for (let i = 0; i < 20; i += 1) {
      const began = performance.now();
      expect((await get('/healthz')).status).toBe(200);
      times.push(performance.now() - began);
    }
    const [answered] = (await once(clients, 'message')) as [number];
    await clients.terminate();
    expect(answered).toBeGreaterThan(0);
    // The median, since this machine may be busy with other tests.
    expect(times.sort((a, b) => a - b)[10]).toBeLessThan(500);
    expect(collect.mock.calls.length).toBeLessThan(20);
  });

  test('keeps its probe reachable while a thousand connections stay open, and closes the oldest of them', async () => {
    const get = await serve({
      access: nobody,
      routes: (app) => app.get('/drained', () => {}),
    });
    const port = servers.at(-1)!.port;
    let closed = 0;
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.on('close', () => {
        closed += 1;
      });
      socket.write('GET /drained HTTP/1.1\r\nHost: a\r\n');
      return socket;
    });
    await vi.waitFor(() => expect(closed).toBeGreaterThan(900), 10_000);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await get('/healthz')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});
