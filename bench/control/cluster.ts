// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { objectNameOf } from '../../api/function-names.ts';
import type { Firewall, ServiceChain } from '../../api/index.ts';
import { systemNamespace } from '../../api/names.ts';
import { Writer } from '../../kube/apply.ts';
import type { KubeObject } from '../../kube/object.ts';
import { type Resource, resources } from '../../kube/resource.ts';
import { createTransport } from '../../kube/transport.ts';
import * as objects from './objects.ts';
import type { Scenario } from './scenario.ts';

/** Requests in flight while the cluster is filled. */
const IN_FLIGHT = 24;
const CRDS = join(import.meta.dirname, '../../crds');

/** The definitions of Heddle's kinds, as one stream of YAML. */
export function definitions(): string {
  const files = readdirSync(CRDS).filter((file) => file.endsWith('.yaml'));
  return files.map((file) => readFileSync(join(CRDS, file), 'utf8')).join('\n---\n');
}

/** Does in the cluster what users, schedulers and kubelets do. */
export class Cluster {
  readonly #writer: Writer;
  readonly #close: () => void;

  constructor(config: KubeConfig) {
    const transport = createTransport({ config, userAgent: 'bench', maxRequests: IN_FLIGHT });
    this.#writer = new Writer({ transport, fieldManager: 'bench' });
    this.#close = () => transport.close();
  }

  close(): void {
    this.#close();
  }

  async addNamespaces(): Promise<void> {
    for (const name of [objects.NAMESPACE, systemNamespace])
      await this.#apply(resources.namespaces, objects.renderNamespace(name));
  }

  async addNodes(count: number): Promise<void> {
    await this.#each(count, async (index) => {
      await this.#apply(resources.nodes, objects.renderNode(index));
      const ref = { resource: resources.nodes, name: objects.nodeName(index) };
      await this.#writer.patch(ref, { status: objects.nodeStatus(index) }, { subresource: 'status' });
    });
  }

  /** Two instances of each function, on nodes next to each other. */
  async addFirewalls(nodes: number): Promise<void> {
    for (const [index, name] of objects.FIREWALLS.entries()) {
      await this.#apply(resources.firewalls, objects.renderFirewall(name, 2) as Firewall);
      const set = await this.#apply(resources.replicaSets, objects.renderReplicaSet(await this.#maker(name)));
      for (const instance of [0, 1]) {
        const node = objects.nodeName((2 * index + instance) % nodes);
        const pod = objects.renderInstancePod({ fn: name, index: instance, node, set });
        await this.#apply(resources.pods, pod);
        await this.setReady(pod.metadata.name, true);
      }
    }
  }

  /** The Deployment that the operator makes for a firewall. */
  async #maker(firewall: string): Promise<KubeObject> {
    const name = objectNameOf('Firewall', firewall);
    for (let attempt = 0; attempt < 600; attempt++) {
      const ref = { resource: resources.deployments, namespace: objects.NAMESPACE, name };
      const found = await this.#writer.read(ref);
      if (found) return found;
      await setTimeout(100);
    }
    throw new Error(`the operator did not make Deployment ${name}`);
  }

  async addNetworks({ otherNetworks }: Scenario): Promise<void> {
    await this.#apply(resources.virtualNetworks, objects.renderNetwork(objects.MAIN, '10.0.0.0/16'));
    await this.#each(otherNetworks, async (index) => {
      const name = `other-${index}`;
      await this.#apply(resources.virtualNetworks, objects.renderNetwork(name, '10.0.0.0/24'));
      await this.#apply(resources.serviceChains, objects.renderOtherChain(name));
    });
  }

  /** Every fourth pod of the network is a server; they are spread over all nodes. */
  async addPods({ ports, otherNetworks, nodes }: Scenario): Promise<void> {
    await this.#each(ports + 2 * otherNetworks, async (index) => {
      const isMain = index < ports;
      const rest = index - ports;
      const network = isMain ? objects.MAIN : `other-${rest >> 1}`;
      const role = (isMain ? index % 4 === 0 : rest % 2 === 0) ? 'server' : 'client';
      await this.addPod({ name: `pod-${index}`, node: objects.nodeName(index % nodes), network, role });
    });
  }

  async addPod(options: Parameters<typeof objects.renderPod>[0]): Promise<string> {
    const pod = await this.#writer.create(resources.pods, objects.renderPod(options));
    return pod.metadata?.uid ?? '';
  }

  /** Applies the chain; returns its new generation. */
  async applyChain(plan: objects.ChainPlan): Promise<number> {
    const { metadata } = await this.#apply(resources.serviceChains, objects.renderChain(plan));
    return metadata?.generation ?? 0;
  }

  async setReady(pod: string, isReady: boolean): Promise<void> {
    const ref = { resource: resources.pods, namespace: objects.NAMESPACE, name: pod };
    await this.#writer.patch(ref, { status: objects.readyStatus(isReady) }, { subresource: 'status' });
  }

  readChain(name: string): Promise<ServiceChain | undefined> {
    return this.#writer.read({ resource: resources.serviceChains, namespace: objects.NAMESPACE, name });
  }

  #apply<T extends KubeObject>(resource: Resource, object: T): Promise<T> {
    return this.#writer.apply(resource, object);
  }

  async #each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await work(next++);
    };
    await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, worker));
  }
}
