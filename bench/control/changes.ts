// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainSlice, Port } from '../../api/index.ts';
import type { BenchAgent } from './agent.ts';
import type { Cluster } from './cluster.ts';
import { type ChainPlan, FUNCTIONS, MAIN, NAMESPACE, nodeName } from './objects.ts';
import type { ChangeKind, Scenario, Timing } from './scenario.ts';

/** A change that has not arrived within this time will not arrive. */
const PATIENCE_MS = 60_000;
/** Reports and status writes of one change end before the next begins. */
const PAUSE_MS = 150;

export interface ChangeContext {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly agents: readonly BenchAgent[];
}

/** One change: how to make it, and how to see that an agent has received it and that its kernel has it. */
interface Change {
  make(): Promise<unknown>;
  isTold(agent: BenchAgent): boolean;
  isDone(agent: BenchAgent): boolean;
}

/** Makes a number of changes of one kind, one after another, and times each. */
export async function timeChanges(
  context: ChangeContext,
  kind: ChangeKind,
  first: number,
): Promise<readonly Timing[]> {
  const timings: Timing[] = [];
  for (let index = first; index < first + context.scenario.changes; index++) {
    const change = changeOf(kind, context, index);
    timings.push({ kind, ...(await timeOne(context.agents, change, kind)) });
    await sleep(PAUSE_MS);
  }
  return timings;
}

async function timeOne(
  agents: readonly BenchAgent[],
  change: Change,
  what: string,
): Promise<Omit<Timing, 'kind'>> {
  const started = performance.now();
  const made = change.make();
  const told = Promise.any(agents.map((agent) => until(agent, () => change.isTold(agent), what)));
  const done = Promise.all(agents.map((agent) => until(agent, () => change.isDone(agent), what)));
  const [toldAt, doneAt] = await Promise.all([told, done, made]);
  const [first, total] = [Math.min(...doneAt), Math.max(...doneAt)].map((at) => at - started);
  return { first: first ?? 0, total: total ?? 0, told: toldAt - started };
}

/** The time at which a condition of the agent became true. */
function until(agent: BenchAgent, isSo: () => boolean, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${agent.node}: "${what}" has not arrived after ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
    const stop = agent.onChange(() => look());
    const look = (): void => {
      if (!isSo()) return;
      stop();
      clearTimeout(timer);
      resolve(performance.now());
    };
    look();
  });
}

function changeOf(kind: ChangeKind, context: ChangeContext, index: number): Change {
  switch (kind) {
    case 'order':
    case 'classifier':
    case 'priority':
      return chainChange(context, planOf(kind, index));
    case 'pod':
      return podChange(context, index);
    case 'ready':
      return readyChange(context, index);
  }
}

/** The chain before the first change. */
export const FIRST_PLAN: ChainPlan = { network: MAIN, functions: FUNCTIONS, port: 80, priority: 1000 };

function planOf(kind: 'order' | 'classifier' | 'priority', index: number): ChainPlan {
  const [a, b] = FUNCTIONS;
  switch (kind) {
    case 'order':
      return { ...FIRST_PLAN, functions: index % 2 === 0 ? [b, a] : [a, b] };
    case 'classifier':
      return { ...FIRST_PLAN, port: 1024 + index };
    case 'priority':
      return { ...FIRST_PLAN, priority: 2000 + index };
  }
}

const HEAD = `${NAMESPACE}/${MAIN}-0`;

/** Changes hops, ports and priority of a chain, which are in its first slice. */
function chainChange({ cluster }: ChangeContext, plan: ChainPlan): Change {
  let generation = Number.POSITIVE_INFINITY;
  const isNew = (slice: ChainSlice | undefined) => slice !== undefined && slice.spec.generation >= generation;
  return {
    make: async () => {
      generation = await cluster.applyChain(plan);
    },
    isTold: (agent) => isNew(agent.sliceTold(HEAD)),
    isDone: (agent) => isNew(agent.sliceInKernel(HEAD)),
  };
}

/** Adds a pod: its own node attaches it, all others can reach it, and the slices of the chain name it before that. */
function podChange({ cluster, scenario }: ChangeContext, index: number): Change {
  let uid: string | undefined;
  const portOf = (agent: BenchAgent): Port | undefined =>
    uid === undefined ? undefined : agent.portOfPod(uid);
  const node = nodeName(index % scenario.nodes);
  return {
    make: async () => {
      uid = await cluster.addPod({ name: `late-${index}`, node, network: MAIN, role: 'client' });
    },
    isTold: (agent) => portOf(agent) !== undefined,
    isDone: (agent) => {
      const port = portOf(agent);
      return port !== undefined && agent.hasAddress(port);
    },
  };
}

/** Changes the readiness of an instance: an unready instance takes no new flows. */
function readyChange({ cluster }: ChangeContext, index: number): Change {
  const isReady = index % 2 === 1;
  const pod = `${FUNCTIONS[0]}-0`;
  const isSo = (agent: BenchAgent, slice: ChainSlice | undefined): boolean => {
    const id = agent.instanceOf(pod);
    const hop = slice?.spec.hops?.find(({ name }) => name === FUNCTIONS[0]);
    if (id === undefined || hop === undefined) return false;
    const found = hop.instances.find((instance) => instance.id === id);
    return isReady === (found !== undefined && found.state === undefined);
  };
  return {
    make: () => cluster.setReady(pod, isReady),
    isTold: (agent) => isSo(agent, agent.sliceTold(HEAD)),
    isDone: (agent) => isSo(agent, agent.sliceInKernel(HEAD)),
  };
}
