// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { startKernel } from '../../agent/kernel/kernel.ts';
import { isTrue } from '../../api/conditions.ts';
import { createLogger } from '../../kube/base/log.ts';
import { loadKubeConfig } from '../../kube/credentials.ts';
import { missingApiServer, startApiServer } from '../../test/kernel/firewall/api-server.ts';
import type { InsideMessage } from '../inside.ts';
import { type BenchAgent, createBenchAgent, pinsOf } from './agent.ts';
import { FIRST_PLAN, timeChanges } from './changes.ts';
import { Cluster, definitions } from './cluster.ts';
import { MAIN, NAMESPACE, nodeName } from './objects.ts';
import { type BenchOperator, startOperator } from './operator.ts';
import { type ChangeKind, changeKinds, type Outcome, type Scenario, type Timing } from './scenario.ts';

/**
 * Runs one scenario inside its own network namespace: `process.ts NAMESPACE SCENARIO`, the latter as JSON. Outside of
 * its processes it makes only pins in a BPF file system, which ends with the mounts of this process.
 */
const [netns = '', json = ''] = process.argv.slice(2);
const scenario = JSON.parse(json) as Scenario;
const ROOT = join(import.meta.dirname, '../..');
const SETUP_SECONDS = 900;
const IDLE_MS = 1000;
const NETWORK = `${NAMESPACE}/${MAIN}`;

const folder = mkdtempSync(join(tmpdir(), 'heddle-control-'));
const closing: (() => Promise<unknown> | unknown)[] = [
  () => rmSync(folder, { recursive: true, force: true }),
];

try {
  tell({ kind: 'Outcome', outcome: await measure() });
} catch (error) {
  tell({ kind: 'Failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
} finally {
  for (const close of closing.reverse()) await close();
  process.disconnect?.();
  // Anything that a failure has left open must not keep the process running.
  setTimeout(() => process.exit(1), 2000).unref();
}

async function measure(): Promise<Outcome> {
  const missing = missingApiServer();
  if (missing !== undefined) throw new Error(missing);
  progress('starts an API server');
  const api = await startApiServer(netns);
  closing.push(() => api.close());
  await api.apply(definitions());
  await api.kubectl('wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all');
  const cluster = new Cluster(loadKubeConfig(api.kubeconfig));
  closing.push(() => cluster.close());
  await cluster.addNamespaces();
  await cluster.addNodes(scenario.nodes);

  const bundle = join(ROOT, 'dist/operator.mjs');
  const operator = startOperator({ bundle, kubeconfig: api.kubeconfig, folder });
  closing.push(() => operator.stop());
  const agents = await startAgents(api.kubeconfig);
  const setupSeconds = await fill(cluster, agents, operator);

  const idle = await idleShare(operator);
  const timings: Timing[] = [];
  const cpuMs: Partial<Record<ChangeKind, number>> = {};
  for (const kind of Object.keys(changeKinds) as ChangeKind[]) {
    progress(`${scenario.changes} times: ${changeKinds[kind]}`);
    const before = { cpu: operator.cpuMs(), at: performance.now() };
    timings.push(...(await timeChanges({ scenario, cluster, agents }, kind, timings.length)));
    const spent = operator.cpuMs() - before.cpu - idle * (performance.now() - before.at);
    cpuMs[kind] = Math.max(0, spent) / scenario.changes;
  }
  const { nowMiB, peakMiB } = operator.memory();
  const costs = cpuMs as Record<ChangeKind, number>;
  return {
    scenario,
    timings,
    setupSeconds,
    operator: { peakMiB, endMiB: nowMiB, restarts: operator.restarts, cpuMs: costs },
  };
}

async function startAgents(kubeconfig: string): Promise<readonly BenchAgent[]> {
  const bpffs = join(folder, 'bpf');
  mkdirSync(bpffs);
  await execa('mount', ['-t', 'bpf', 'bpf', bpffs]);
  closing.push(() => execa('umount', [bpffs]));
  const kernel = startKernel({ childPath: join(ROOT, 'agent/kernel/child.ts') });
  closing.push(() => kernel.close());
  const stop = new AbortController();
  const log = createLogger({ name: 'agent', level: 'error' });
  const agents: BenchAgent[] = [];
  for (let index = 0; index < scenario.nodes; index++) {
    const node = nodeName(index);
    agents.push(
      await createBenchAgent({
        node,
        config: loadKubeConfig(kubeconfig),
        kernel,
        root: pinsOf(bpffs, node),
        objectFile: join(ROOT, 'dist/heddle.bpf.o'),
        log,
      }),
    );
  }
  const running = Promise.all(agents.map((agent) => agent.run(stop.signal)));
  closing.push(async () => {
    stop.abort();
    await running;
  });
  return agents;
}

/** Makes all pods at once, and waits until every kernel has every Port and the chain is Programmed. */
async function fill(
  cluster: Cluster,
  agents: readonly BenchAgent[],
  operator: BenchOperator,
): Promise<number> {
  progress(`${scenario.ports} Ports, ${scenario.otherNetworks} other networks, ${scenario.nodes} nodes`);
  await cluster.addFirewalls(scenario.nodes);
  await cluster.addNetworks(scenario);
  await cluster.applyChain(FIRST_PLAN);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  await cluster.addPods(scenario);
  progress(`pods made after ${seconds().toFixed(1)} s`);
  const isComplete = (agent: BenchAgent) => agent.countAddresses(NETWORK) === scenario.ports;
  while (!agents.every(isComplete) || !(await isProgrammed(cluster))) {
    if (seconds() > SETUP_SECONDS)
      throw new Error(`not set up after ${SETUP_SECONDS} s: ${describe(agents)}`);
    await sleep(100);
  }
  const took = seconds();
  progress(`all in the kernels of all nodes after ${took.toFixed(1)} s`);
  while ((await idleShare(operator)) > 0.1) {
    if (seconds() > SETUP_SECONDS) throw new Error('the operator does not come to rest');
  }
  return took;
}

async function isProgrammed(cluster: Cluster): Promise<boolean> {
  const chain = await cluster.readChain(MAIN);
  return isTrue(chain?.status?.conditions, 'Programmed');
}

function describe(agents: readonly BenchAgent[]): string {
  return agents.map((agent) => `${agent.node} has ${agent.countAddresses(NETWORK)} addresses`).join(', ');
}

/** The operator's load while nothing changes, as a share of a CPU. */
async function idleShare(operator: BenchOperator): Promise<number> {
  const before = operator.cpuMs();
  await sleep(IDLE_MS);
  return (operator.cpuMs() - before) / IDLE_MS;
}

function progress(line: string): void {
  tell({ kind: 'Progress', line: `${scenario.name}: ${line}` });
}

function tell(message: InsideMessage<Outcome>): void {
  process.send?.(message);
}
