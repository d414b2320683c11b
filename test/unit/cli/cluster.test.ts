// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCluster } from '../../../cli/cluster.ts';
import type { CommonOptions } from '../../../cli/options.ts';
import { resources } from '../../../kube/resource.ts';

test('nothing that the cluster says acts on the terminal (security.md: function-writes-terminal)', async () => {
  const condition = { type: 'Ready', status: 'False', message: 'no\u001b]0;owned\u0007\u009b2J\nnext' };
  const pod = {
    metadata: { name: 'web', annotations: { '\u001bx': '\u202ey' } },
    status: { conditions: [condition] },
  };
  const server = createServer((request, response) => {
    const one = request.url?.endsWith('/web');
    response.end(JSON.stringify(one ? pod : { items: [pod], metadata: { resourceVersion: '1' } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  const folder = mkdtempSync(join(tmpdir(), 'heddle-cluster-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const cluster = openCluster({ kubeconfig } as CommonOptions);
  try {
    const read = [await cluster.get(resources.pods, 'web', 'shop'), ...(await cluster.list(resources.pods))];
    expect(read).toHaveLength(2);
    for (const each of read) {
      const text = JSON.stringify(each);
      expect(text).toContain('no\ufffd]0;owned\ufffd\ufffd2J next');
      expect(text).toContain('"\ufffdx":"\ufffdy"');
    }
  } finally {
    cluster.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
});
