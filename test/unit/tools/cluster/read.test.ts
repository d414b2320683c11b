// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Reader } from '../../../../tools/cluster/read.ts';

const served = (resource: string, kind: string, more: object = {}) => ({
  resource,
  responseKind: { kind },
  scope: 'Namespaced',
  singularResource: kind.toLowerCase(),
  ...more,
});
const groups: Readonly<Record<string, object>> = {
  '/api': {
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            resources: [
              served('pods', 'Pod', { shortNames: ['po'] }),
              served('nodes', 'Node', { scope: 'Cluster' }),
            ],
          },
        ],
      },
    ],
  },
  '/apis': {
    items: [
      {
        metadata: { name: 'heddle.dev' },
        versions: [{ version: 'v1alpha1', resources: [served('ports', 'Port')] }],
      },
    ],
  },
};

let server: Server;
let folder = '';
let asked: string[] = [];
let reader: Reader;

beforeAll(async () => {
  server = createServer((request, reply) => {
    asked.push(request.url ?? '');
    const discovery = groups[request.url ?? ''];
    if (discovery) return void reply.end(JSON.stringify(discovery));
    reply.end(JSON.stringify({ apiVersion: 'v1', items: [{ metadata: { name: 'a' } }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'heddle-read-'));
  const { port } = server.address() as AddressInfo;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [
      { name: 'here', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'me' } }],
    users: [{ name: 'me', user: {} }],
  };
  writeFileSync(join(folder, 'config'), JSON.stringify(config));
  reader = new Reader(join(folder, 'config'));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  asked = [];
});

test('items of a list say what they are', async () => {
  expect(await reader.list('pods', { namespace: 'shop' })).toEqual([
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
  ]);
});

test.each([
  ['pod', 'shop', '/api/v1/namespaces/shop/pods/a'],
  ['PO', 'shop', '/api/v1/namespaces/shop/pods/a'],
  ['node', undefined, '/api/v1/nodes/a'],
  ['ports.heddle.dev', 'shop', '/apis/heddle.dev/v1alpha1/namespaces/shop/ports/a'],
])('a %s is found by the names that kubectl takes', async (kind, namespace, path) => {
  await reader.get(kind, 'a', namespace);
  expect(asked.at(-1)).toBe(path);
});

test('a selector and all namespaces go into the question', async () => {
  await reader.list('port', { selector: 'role=client' });
  expect(asked.at(-1)).toBe('/apis/heddle.dev/v1alpha1/ports?labelSelector=role%3Dclient');
});

test('a kind that is not served is an error, and looked for again the next time', async () => {
  await expect(reader.list('unicorns', {})).rejects.toThrow('the API server has no unicorns');
  await expect(reader.list('unicorns', {})).rejects.toThrow('the API server has no unicorns');
  expect(asked).toContain('/apis');
});
