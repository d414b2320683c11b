// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test } from 'vitest';
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../../../kube/base/http.ts';
import { createLogger } from '../../../../kube/base/log.ts';
import { createRegistry } from '../../../../kube/base/metrics.ts';
import { createQueueMetrics, createReflectorMetrics } from '../../../../kube/metrics.ts';

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
