// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadBalancer } from '../../../api/index.ts';
import { waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, exec, get, type KubeObject, kubectl, list } from '../../../tools/cluster/kubectl.ts';
import { repository } from '../../../tools/kind/paths.ts';

const API = 'heddle.dev/v1alpha1';

export async function applyBalancer(namespace: string, name: string, spec: object): Promise<void> {
  await apply([{ apiVersion: API, kind: 'LoadBalancer', metadata: { name }, spec }], namespace);
}

/** Applies an example unchanged. */
export async function applyExample(namespace: string, path: string): Promise<void> {
  await apply(readFileSync(join(repository, 'examples', path), 'utf8'), namespace);
}

export async function rolledOut(namespace: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=150s'], {
      namespace,
      timeoutMs: 160_000,
    });
  }
}

export async function balancerIsReady(namespace: string, name: string): Promise<LoadBalancer> {
  for (const type of ['Programmed', 'Ready']) {
    await waitForCondition({ kind: 'loadbalancer', name, namespace }, type, { timeoutMs: 120_000 });
  }
  return get<LoadBalancer>('loadbalancer', name, namespace);
}

/**
 * Sends a number of HTTP requests from a pod, one connection each; returns which server answered and its answer, or the
 * error.
 */
export async function ask(options: {
  readonly namespace: string;
  /** A pod, or `deploy/NAME`. */
  readonly from: string;
  readonly url: string;
  readonly count: number;
}): Promise<readonly string[]> {
  const script = `const one = () => fetch(${JSON.stringify(options.url)}, { signal: AbortSignal.timeout(5000), headers: { connection: 'close' } })
  .then(async (r) => (await r.text()).trim(), (e) => 'error ' + (e.cause?.code ?? e.name));
const all = [];
for (let i = 0; i < ${options.count}; i += 1) all.push(await one());
console.log(JSON.stringify(all));`;
  const command = ['node', '--input-type=module', '-e', script];
  const reply = await exec(options.from, command, { namespace: options.namespace });
  if (reply.code !== 0) throw new Error(reply.stderr);
  return JSON.parse(reply.stdout) as string[];
}

/** Sends a request from this machine, which is in no pod network; returns which server answered, or the error. */
export async function askFromOutside(url: string): Promise<string> {
  try {
    const headers = { connection: 'close' };
    const answer = await fetch(url, { signal: AbortSignal.timeout(5000), headers });
    return (await answer.text()).trim();
  } catch (error) {
    return `error ${(error as Error).message}`;
  }
}

/** The addresses of the nodes, as machines outside reach them. */
export async function nodeAddresses(): Promise<readonly string[]> {
  const nodes = await list<
    KubeObject & { status: { addresses: readonly { type: string; address: string }[] } }
  >('nodes');
  return nodes.flatMap(({ status }) =>
    status.addresses.flatMap(({ type, address }) =>
      type === 'InternalIP' && !address.includes(':') ? [address] : [],
    ),
  );
}

/** The number of answers by server, which is the first word of an answer. */
export function countServers(answers: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    const [server = ''] = answer.split(' ');
    counts.set(server, (counts.get(server) ?? 0) + 1);
  }
  return counts;
}
