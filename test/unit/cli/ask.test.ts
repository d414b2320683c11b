// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { askAgent, askFunction } from '../../../cli/ask.ts';
import type { Cluster } from '../../../cli/cluster.ts';
import { ApiError } from '../../../kube/api-error.ts';
import type { RequestOptions } from '../../../kube/transport.ts';
import type { WirePod } from '../../../kube/wire.ts';

const agent = {
  metadata: { name: 'heddle-agent-x', namespace: 'heddle-system' },
  spec: { containers: [{ name: 'agent', ports: [{ name: 'http', containerPort: 9470 }] }] },
} as WirePod;

interface Asked {
  readonly path: string;
  readonly token: string | undefined;
}

/** A cluster whose agents are of this release, or of the one before. */
function clusterOf(release: 'This' | 'Former') {
  const asked: Asked[] = [];
  const request = async (method: string, path: string, { headers }: RequestOptions = {}) => {
    asked.push({
      path: path.replace('/api/v1/namespaces/heddle-system/', ''),
      token: headers?.['heddle-token'],
    });
    if (method === 'POST' && release === 'Former')
      throw new ApiError({ status: 404, reason: 'NotFound', message: '' });
    if (method === 'POST') return { status: { token: 'secret' } };
    if (path.includes('https') && release === 'Former') {
      const message = 'error trying to reach service: http: server gave HTTP response to HTTPS client';
      throw new ApiError({ status: 503, reason: 'ServiceUnavailable', message });
    }
    return { node: 'one' };
  };
  return { asked, cluster: { transport: { request } } as unknown as Cluster };
}

describe('an agent', () => {
  test('is asked by HTTPS with a token, which is made once', async () => {
    const { cluster, asked } = clusterOf('This');
    expect(await askAgent(cluster, agent, { path: '/counters' })).toEqual({ node: 'one' });
    await askAgent(cluster, agent, { path: '/counters' });
    const page = { path: 'pods/https%3Aheddle-agent-x%3A9470/proxy/counters', token: 'secret' };
    expect(asked.map(({ path, token }) => ({ path: path.replaceAll(':', '%3A'), token }))).toEqual([
      { path: 'serviceaccounts/heddle-reader/token', token: undefined },
      page,
      page,
    ]);
  });

  test('of the release before is asked by HTTP, and sees no token', async () => {
    const { cluster, asked } = clusterOf('Former');
    expect(await askAgent(cluster, agent, { path: '/counters' })).toEqual({ node: 'one' });
    expect(asked.at(-1)?.token).toBeUndefined();
    expect(asked.at(-1)?.path).not.toContain('https');
  });
});

test('a function is asked through a connection into its pod, and what it says is cleaned', async () => {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ url: request.url, text: '\u001b[2J' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  const opened: unknown[] = [];
  const cluster = {
    forward: async (pod: object, podPort: number) => {
      opened.push({ ...pod, podPort });
      return connect(port, '127.0.0.1');
    },
  } as unknown as Cluster;
  const ports = [
    { name: 'http', containerPort: 80 },
    { name: 'heddle', containerPort: 9471 },
  ];
  const pod = {
    metadata: { name: 'edge-1', namespace: 'shop' },
    spec: { containers: [{ name: 'a', ports }] },
  };
  const answer = await askFunction(cluster, pod as WirePod, { path: '/verdict', query: { protocol: 6 } });
  expect(answer).toEqual({ url: '/verdict?protocol=6', text: '\ufffd[2J' });
  expect(opened).toEqual([{ name: 'edge-1', namespace: 'shop', podPort: 9471 }]);
  server.close();
});
