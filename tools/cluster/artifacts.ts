// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeObject, list, readTarget, tryKubectl } from './kubectl.ts';

/** The namespaces of the running tests: their objects are saved when a test fails. */
export const keepArtifacts = { namespaces: new Set<string>() };

interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string };
}

/** Writes what explains a failure into a new folder, and returns its path. */
export async function collectArtifacts(title: string): Promise<string> {
  const folder = join(process.env.HEDDLE_ARTIFACTS ?? 'artifacts', fileName(title));
  mkdirSync(folder, { recursive: true });
  const namespaces = [readTarget().system, ...keepArtifacts.namespaces];
  await save(folder, 'heddle.yaml', ['get', 'heddle', '--all-namespaces', '-o', 'yaml']);
  await save(folder, 'nodes.txt', ['get', 'nodes', '-o', 'wide']);
  for (const namespace of namespaces) {
    await save(folder, `${namespace}.events.txt`, [
      '-n',
      namespace,
      'get',
      'events',
      '--sort-by=.lastTimestamp',
    ]);
    await save(folder, `${namespace}.pods.txt`, ['-n', namespace, 'describe', 'pods']);
    for (const pod of await podsOf(namespace)) await savePod(folder, namespace, pod);
  }
  return folder;
}

async function podsOf(namespace: string): Promise<readonly Pod[]> {
  return list<Pod>('pods', { namespace }).catch(() => []);
}

async function savePod(folder: string, namespace: string, pod: Pod): Promise<void> {
  const { name, labels } = pod.metadata;
  const logs = ['-n', namespace, 'logs', name, '--all-containers', '--prefix', '--tail=5000'];
  await save(folder, `${namespace}.${name}.log`, logs);
  await save(folder, `${namespace}.${name}.previous.log`, [...logs, '--previous']);
  const commands = dumps[labels?.['app.kubernetes.io/component'] ?? ''] ?? [];
  for (const [what, command] of commands) {
    await save(folder, `${namespace}.${name}.${what}.txt`, [
      '-n',
      namespace,
      'exec',
      name,
      '--',
      'sh',
      '-c',
      command,
    ]);
  }
}

/** Commands that dump the state of the kernel, by the pods that can see it. */
const dumps: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  agent: [
    ['links', 'ip -d -s link; ip addr; ip route'],
    ['programs', 'bpftool net show; bpftool prog show; ls -lR /sys/fs/bpf/heddle'],
    [
      'maps',
      'for map in $(find /sys/fs/bpf/heddle -type f); do echo "== $map"; bpftool map dump pinned $map; done 2>&1',
    ],
  ],
  function: [
    ['links', 'ip -d -s link; ip addr; ip rule; ip route show table all; ip -6 rule; ip neigh'],
    ['nft', 'nft -t list ruleset'],
  ],
};

async function save(folder: string, name: string, args: readonly string[]): Promise<void> {
  const reply = await tryKubectl(args, { timeoutMs: 30_000 });
  if (reply.code !== 0 && name.endsWith('.previous.log')) return; // It never restarted.
  writeFileSync(join(folder, name), reply.code === 0 ? reply.stdout : `${reply.stdout}\n${reply.stderr}`);
}

function fileName(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 80);
}
