// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, isIP, type Server, type Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { Writer } from '../../../kube/apply.ts';
import { createLogger, type LogLevel } from '../../../kube/base/log.ts';
import { loadKubeConfig } from '../../../kube/credentials.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { collectionPath, type Resource, resources } from '../../../kube/resource.ts';
import { createTransport, type Transport } from '../../../kube/transport.ts';
import type { ConfigMap } from '../../../kube/wire.ts';

/** A separate namespace in the cluster of $KUBECONFIG. */
export interface World {
  readonly namespace: string;
  readonly config: KubeConfig;
  readonly transport: Transport;
  readonly writer: Writer;
  close(): Promise<void>;
}

export const log = createLogger({
  name: 'test',
  level: (process.env.TEST_LOG_LEVEL ?? 'silent') as LogLevel,
});

const namespaces: Resource = resources.namespaces;

export async function openWorld(prefix: string): Promise<World> {
  const config = loadKubeConfig();
  const transport = createTransport({ config });
  const writer = new Writer({ transport, fieldManager: 'heddle-test' });
  const namespace = `${prefix}-${randomBytes(3).toString('hex')}`;
  await writer.create(namespaces, { metadata: { name: namespace } });
  return {
    namespace,
    config,
    transport,
    writer,
    close: async () => {
      await writer.delete({ resource: namespaces, name: namespace });
      transport.close();
    },
  };
}

export type { ConfigMap };

export function configMap(namespace: string, name: string, value: string, labels = {}): ConfigMap {
  return { metadata: { namespace, name, labels }, data: { value } };
}

/** Waits until the condition is true and checks it often; the error of a timeout says what was waited for. */
export async function eventually(what: string, condition: () => boolean, timeoutMs = 60_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const definitions: Resource = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

/** Makes a new kind. The server has no history of it, so an old resourceVersion counts as expired. */
export async function openYoungKind(world: World): Promise<{ resource: Resource; close(): Promise<void> }> {
  const plural = `gadgets${randomBytes(3).toString('hex')}`;
  const resource: Resource = {
    group: 'test.heddle.dev',
    version: 'v1',
    plural,
    kind: 'Gadget',
    namespaced: true,
  };
  const name = `${plural}.${resource.group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  await world.writer.create(definitions, {
    metadata: { name },
    spec: {
      group: resource.group,
      scope: 'Namespaced',
      names: { plural, kind: `Gadget${plural.slice(7)}` },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  } as KubeObject);
  const close = async (): Promise<void> => {
    await world.writer.delete({ resource: definitions, name });
  };
  const young = { ...resource, kind: `Gadget${plural.slice(7)}` };
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      await world.transport.request('GET', collectionPath(young, world.namespace));
      return { resource: young, close };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`the kind ${name} is not served`);
}

/** A TCP proxy before the API server, whose connections a test can break or silence. */
export interface Wire {
  readonly config: KubeConfig;
  readonly connections: number;
  /** Resets all connections. */
  cut(): void;
  /** Keeps connections open, but passes on no byte from the server. */
  deafen(): void;
  /** Lets new connections work again. */
  heal(): void;
  /** Resets new connections at once. */
  refuse(): void;
  close(): Promise<void>;
}

export async function openWire(behind: KubeConfig): Promise<Wire> {
  const target = new URL(behind.getCurrentCluster()!.server);
  const sockets = new Set<Socket>();
  let refusing = false;
  const server: Server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = dial({ host: target.hostname, port: Number(target.port || 443) });
    sockets.add(client);
    client.pipe(upstream);
    upstream.pipe(client);
    const end = (): void => {
      sockets.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('deafen', () => upstream.unpipe(client).resume());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromString(behind.exportConfig());
  const cluster = config.getCurrentCluster()!;
  // The certificate is for the host name in the kubeconfig.
  const served = isIP(target.hostname) ? {} : { tlsServerName: target.hostname };
  config.clusters = [{ ...cluster, server: `https://127.0.0.1:${port}`, ...served }];
  const cut = (): void => {
    for (const socket of [...sockets]) socket.resetAndDestroy();
  };
  return {
    config,
    get connections() {
      return sockets.size;
    },
    cut,
    deafen: () => {
      for (const socket of sockets) socket.emit('deafen');
    },
    heal: () => {
      refusing = false;
    },
    refuse: () => {
      refusing = true;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
