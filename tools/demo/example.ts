// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '../../api/net/address.ts';
import { waitForCondition } from '../cluster/conditions.ts';
import { apply, type KubeObject, kubectl, list, tryKubectl } from '../cluster/kubectl.ts';
import { addressesOf } from '../cluster/workloads.ts';
import { repository } from '../kind/paths.ts';

export const namespace = 'storefront';
const manifest = join(repository, 'examples/storefront/storefront.yaml');

export interface RunningPod extends KubeObject {
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly phase: string };
}

export interface Storefront {
  readonly client: RunningPod;
  readonly web: RunningPod;
  readonly firewalls: readonly RunningPod[];
  /** The web server's address on the network. */
  readonly address: string;
}

/** Applies the example from `examples/`, and waits until all of its objects are ready. */
export async function applyExample(): Promise<void> {
  const created = await tryKubectl(['create', 'namespace', namespace]);
  if (created.code !== 0 && !created.stderr.includes('AlreadyExists')) throw new Error(created.stderr);
  await applyManifest();
  for (const name of ['web', 'client']) {
    await kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=150s'], {
      namespace,
      timeoutMs: 160_000,
    });
  }
  await waitForChain();
}

export async function applyManifest(): Promise<void> {
  await apply(readFileSync(manifest, 'utf8'), namespace);
}

/** Waits until the nodes have the chain in their kernels, and its firewall is ready. */
export async function waitForChain(): Promise<void> {
  await waitForCondition({ kind: 'firewall', name: 'edge', namespace }, 'Ready', { timeoutMs: 120_000 });
  for (const type of ['Programmed', 'Ready']) {
    await waitForCondition({ kind: 'servicechain', name: 'storefront', namespace }, type, {
      timeoutMs: 60_000,
    });
  }
}

export async function observeStorefront(): Promise<Storefront> {
  const client = await runningPod('app=client');
  const web = await runningPod('app=web');
  const firewalls = await runningPods('heddle.dev/function=firewall.edge');
  const addresses = await addressesOf(web.metadata.name, namespace, `${namespace}/shop`);
  const address = addresses.find((candidate) => parseAddress(candidate).family === 4);
  if (!address) throw new Error(`the web server has no IPv4 address on the network: ${addresses.join(', ')}`);
  return { client, web, firewalls, address };
}

async function runningPod(selector: string): Promise<RunningPod> {
  const [pod] = await runningPods(selector);
  if (!pod) throw new Error(`no pod ${selector} runs in ${namespace}`);
  return pod;
}

async function runningPods(selector: string): Promise<readonly RunningPod[]> {
  const pods = await list<RunningPod & { metadata: { deletionTimestamp?: string } }>('pods', {
    namespace,
    selector,
  });
  return pods.filter((pod) => pod.status.phase === 'Running' && !pod.metadata.deletionTimestamp);
}
