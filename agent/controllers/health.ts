// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { isTrue } from '../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../api/index.ts';
import { keyOfRef } from '../../api/key.ts';
import type { Family } from '../../api/net/address.ts';
import { parsePrefix } from '../../api/net/prefix.ts';
import type { HealthChange, Targets } from '../health/health.ts';
import { factsOf } from '../observe/local.ts';
import { decodeInstance, INSTANCE_F_DOWN } from '../render/generated/layout.ts';
import { renderInstance } from '../render/node.ts';
import { decodeU32 } from '../render/scalar.ts';
import type { AgentContext } from './context.ts';

/** What must be looked at again when somebody's health changed. */
export interface HealthEffects {
  /** A network whose chains name the instance, or an instance of the node. */
  network(key: string): void;
  /** All instances: the entry of this one is written already, those of others may depend on it. */
  instances(): void;
  report(): void;
}

/** Changes come in bursts: the targets are reckoned once for each. */
const RETARGET_MS = 5;
/** They are reckoned from all that is here: with thousands of networks, in a small part of the time. */
const RETARGET_REST = 10;

/**
 * Keeps the probes on what this node must know of, and tells the data path what they show: first the instance's own
 * entry, which takes it out of every path at once, then the networks and the report.
 * @returns the end of it
 */
export function followHealth(context: AgentContext, effects: HealthEffects): () => void {
  const { stores, local, applied, health, log } = context;
  let timer: NodeJS.Timeout | undefined;
  let tookMs = 0;
  const setTargets = () => {
    const began = performance.now();
    health.setTargets(renderTargets(context));
    tookMs = performance.now() - began;
  };
  const retarget = () => {
    timer ??= setTimeout(
      () => {
        timer = undefined;
        setTargets();
      },
      Math.max(RETARGET_MS, RETARGET_REST * tookMs),
    );
  };
  const unsubscribe = [
    stores.slices.subscribe(retarget),
    stores.networks.subscribe(retarget),
    stores.nodes.subscribe(retarget),
    local.subscribe(retarget),
    applied.subscribe(retarget),
    health.subscribeToFailure(effects.report),
    health.subscribe((change) => {
      const { ports, networks, ...what } = concernedBy(context, change);
      log.info({ ...what, health: change.health }, 'health changed');
      if (change.health === 'Recovering') return; // as unused as before
      writeAtOnce(context, ports).catch((error: unknown) => {
        log.warn({ ...what, error }, 'health not written at once');
      });
      effects.instances();
      for (const network of networks) effects.network(network);
      effects.report();
    }),
  ];
  setTargets();
  return () => {
    clearTimeout(timer);
    for (const stop of unsubscribe) stop();
  };
}

/**
 * What the kernel was told of the instances that are here: they go on as they were until probes show otherwise. Comes
 * before anything is written, and needs no API server.
 */
export async function adoptHealth({
  health,
  kernel,
  dataPath,
}: Pick<AgentContext, 'health' | 'kernel' | 'dataPath'>): Promise<void> {
  const { keys, values, count } = await kernel.mapDump({ path: join(dataPath.mapsDir, 'instances') });
  const slot = (bytes: Uint8Array, index: number) =>
    bytes.subarray((index * bytes.length) / count, ((index + 1) * bytes.length) / count);
  for (let index = 0; index < count; index++) {
    const { ifindex, flags } = decodeInstance(slot(values, index));
    if (ifindex !== 0) health.adopt(decodeU32(slot(keys, index)), (flags & INSTANCE_F_DOWN) !== 0);
  }
}

/** Own instances that chains name, and the other nodes that this node's flows may go to. */
function renderTargets(context: AgentContext): Targets {
  const { stores, local, applied } = context;
  const attached = new Set(
    [...local.interfaces.keys()].flatMap((key) => stores.ports.get(key)?.spec.instance ?? []),
  );
  const families = [...attached].map((id) => [id, familiesOf(context, id)] as const);
  const { vtepOf } = factsOf(context);
  const others = [...applied.hopNodes].filter((node) => node !== local.node);
  const peers = others.flatMap((node) => {
    const vtep = vtepOf(node);
    return vtep === undefined ? [] : [[node, vtep] as const];
  });
  return {
    attached,
    instances: new Map(families.filter(([, each]) => each.size > 0)),
    peers: new Map(peers),
  };
}

/** What the networks speak whose chains go through an instance. */
function familiesOf({ stores }: AgentContext, id: number): ReadonlySet<Family> {
  const slices = stores.slices.byIndex('instance', String(id));
  const keys = new Set(slices.map(({ spec }) => keyOfRef(spec.network)));
  return new Set([...keys].flatMap((key) => networkFamilies(stores.networks.get(key))));
}

function networkFamilies(network: VirtualNetwork | undefined): readonly Family[] {
  const subnets = [...(network?.spec.subnets ?? []), ...(network?.status?.subnets ?? [])];
  return subnets.map(({ cidr }) => parsePrefix(cidr).family);
}

function concernedBy({ stores, applied }: AgentContext, change: HealthChange) {
  switch (change.kind) {
    case 'Instance': {
      const slices = stores.slices.byIndex('instance', String(change.id));
      return {
        instance: change.id,
        ports: stores.ports.byIndex('instance', String(change.id)),
        networks: new Set(slices.map(({ spec }) => keyOfRef(spec.network))),
      };
    }
    case 'Node':
      return {
        node: change.node,
        ports: stores.ports.byIndex('node', change.node),
        networks: applied.networksThrough(change.node),
      };
  }
}

/** The changes that wait may have thousands of entries to write. */
async function writeAtOnce(context: AgentContext, ports: readonly Port[]): Promise<void> {
  const facts = factsOf(context);
  const entries = ports
    .filter(({ spec, status }) => spec.instance !== undefined && isTrue(status?.conditions, 'Accepted'))
    .flatMap((port) => renderInstance(port, facts) ?? []);
  await context.maps.writeUrgently(entries.map(({ key, value }) => [key, value] as const));
}
