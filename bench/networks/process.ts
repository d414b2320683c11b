// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { InsideMessage } from '../inside.ts';
import { residentBytes, sizeOfMaps } from './memory.ts';
import { type BenchNode, startNode } from './node.ts';
import { anotherPort, editedSlice, type Resources, renderResources, sliceKey } from './resources.ts';
import type { Outcome, Plan } from './scenario.ts';

/** One node in a network namespace of its own: `process.ts PLAN POD-NETNS FUNCTION-NETNS`, the first as JSON. */
const [json = '', podNetns = '', functionNetns = ''] = process.argv.slice(2);
const plan = JSON.parse(json) as Plan;
const ROOT = join(import.meta.dirname, '../..');
/** Reports and health checks finish in this time between two changes. */
const PAUSE_MS = 100;

const folder = mkdtempSync(join(tmpdir(), 'heddle-networks-'));
const bpffs = join(folder, 'bpf');
mkdirSync(bpffs);
await execa('mount', ['-t', 'bpf', 'bpf', bpffs]);
const options = {
  root: join(bpffs, 'heddle'),
  objectFile: join(ROOT, 'dist/heddle.bpf.o'),
  childPath: join(ROOT, 'agent/kernel/child.ts'),
};
const nodes: BenchNode[] = [];
try {
  tell({ kind: 'Outcome', outcome: await measure(renderResources(plan)) });
} catch (error) {
  tell({ kind: 'Failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
} finally {
  for (const node of nodes) await node.stop();
  await execa('umount', [bpffs], { reject: false });
  rmSync(folder, { recursive: true, force: true });
  process.disconnect?.();
  // Anything that a failure has left open must not keep the process running.
  setTimeout(() => process.exit(1), 2000).unref();
}

async function measure(resources: Resources): Promise<Outcome> {
  progress(`${plan.networks} networks, ${resources.ports.length} Ports, none of them in the kernel`);
  const node = await start();
  const emptyBytes = await sizeOfMaps(node.mapsDir);
  node.read(resources);
  // The instance is attached before any chain exists, so its node needs every network.
  await node.attach(resources.local.instance, `/run/netns/${functionNetns}`);
  const fromEmpty = await time(() => node.takeOver());
  progress(`all in the kernel after ${(fromEmpty / 1000).toFixed(1)} s`);
  const attach: number[] = [];
  for (const port of resources.local.pods) {
    attach.push(await time(() => node.attach(port, `/run/netns/${podNetns}`)));
  }
  const { chainEdits, newPorts } = await change(node);
  const maps = { emptyBytes, bytes: await sizeOfMaps(node.mapsDir) };
  const memory = residentBytes();
  const reportBytes = node.reportBytes();
  await stop(node);
  const restart = await time(async () => {
    const next = await start();
    next.read(resources);
    await next.takeOver();
  });
  progress(`taken over after ${(restart / 1000).toFixed(1)} s`);
  return { plan, attach, fromEmpty, restart, chainEdits, newPorts, maps, memory, reportBytes };
}

async function change(node: BenchNode): Promise<Pick<Outcome, 'chainEdits' | 'newPorts'>> {
  const settle = await time(() => node.follow());
  progress(`followed after ${(settle / 1000).toFixed(1)} s`);
  progress(`${plan.changes} edits of a chain, ${plan.changes} new Ports`);
  const chainEdits: number[] = [];
  const newPorts: number[] = [];
  for (let index = plan.attached; index < plan.attached + plan.changes; index++) {
    const slice = node.slice(sliceKey(index));
    if (!slice) throw new Error(`there is no slice ${sliceKey(index)}`);
    chainEdits.push(await time(() => node.setSlice(editedSlice(slice))));
    await sleep(PAUSE_MS);
    newPorts.push(await time(() => node.setPort(anotherPort(index))));
    await sleep(PAUSE_MS);
  }
  return { chainEdits, newPorts };
}

async function start(): Promise<BenchNode> {
  const node = await startNode(options);
  nodes.push(node);
  return node;
}

async function stop(node: BenchNode): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1);
  await node.stop();
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function progress(line: string): void {
  tell({ kind: 'Progress', line });
}

function tell(message: InsideMessage<Outcome>): void {
  process.send?.(message);
}
