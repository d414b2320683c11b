// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from './engine/detect.ts';
import { nodesOf, nodesWanted } from './kind.ts';
import { kubeconfigPath } from './paths.ts';
import type { Progress } from './progress.ts';
import { createShell, type Shell } from './shell.ts';
import type { Tools } from './tools.ts';

export interface Health {
  /** `unready` may be temporary: its nodes run, but do not answer (yet). `broken` is permanent. */
  readonly state: 'absent' | 'healthy' | 'unready' | 'broken';
  readonly reason: string;
}

export async function checkHealth(shell: Shell, engine: Engine, tools: Tools, name: string): Promise<Health> {
  const all = await nodesOf(shell, engine, name, 'all');
  if (all.length === 0) return { state: 'absent', reason: 'there is none' };
  const wanted = nodesWanted(name);
  if (wanted === undefined) return { state: 'broken', reason: 'it was not made completely' };
  const dead = await deadNodes(shell, engine, all);
  if (all.length < wanted || dead.length > 0) {
    return { state: 'broken', reason: dead.length > 0 ? `${dead.join(', ')} ended` : 'a node is missing' };
  }
  const ready = ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=20s'];
  const reply = await shell.attempt(tools.kubectl, ['--kubeconfig', kubeconfigPath(name), ...ready]);
  return reply.ok
    ? { state: 'healthy', reason: '' }
    : { state: 'unready', reason: 'its nodes are not Ready' };
}

/** The nodes in which no program can be run: an engine whose watcher died still lists such a container as up. */
async function deadNodes(shell: Shell, engine: Engine, nodes: readonly string[]): Promise<string[]> {
  let suspects = nodes;
  // Ask more than once, since a wrong answer would delete a cluster in use.
  for (let tries = 0; suspects.length > 0 && tries < 3; tries += 1) {
    if (tries > 0) await sleep(1500);
    const replies = await Promise.all(
      suspects.map((node) => shell.attempt(engine.kind, ['exec', node, 'true'], { env: engine.env })),
    );
    suspects = suspects.filter((_, index) => !replies[index]?.ok);
  }
  return [...suspects];
}

/** Nodes on a busy machine may miss heartbeats for a while; their cluster must not be deleted for that. */
const patienceMs = 180_000;

export async function patientHealth(
  progress: Progress,
  engine: Engine,
  tools: Tools,
  name: string,
): Promise<Health> {
  const first = await checkHealth(createShell(), engine, tools, name);
  if (first.state !== 'unready') return first;
  return progress.step(`Wait for ${name}, which runs and is not Ready`, async (shell) => {
    const end = Date.now() + patienceMs;
    for (;;) {
      const health = await checkHealth(shell, engine, tools, name);
      if (health.state !== 'unready' || Date.now() > end) return health;
      await sleep(2000);
    }
  });
}
