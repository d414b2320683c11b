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

/** The passes that must run when the health of an instance or node has changed. */
export interface HealthEffects {
  /** A network whose chains name the instance, or an instance of the node. */
  network(key: string): void;
  /** All instances: the instance's own entry is written already, but those of others may depend on the change. */
  instances(): void;
  report(): void;
}

/** How long a new computation of the targets waits: changes come in bursts, one computation for a burst. */
const RETARGET_MS = 5;
/** The rest between computations, in times that one takes: with thousands of networks it is expensive. */
const RETARGET_REST = 10;

/**
 * Keeps the probe targets up to date, and writes changes of health to the data path: first the instance's own entry, which
 * removes it from every path at once, then the networks and the report.
 * @returns a function that stops it
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
 * Adopts the health of this node's instances from the kernel: they keep it until probes show otherwise. Must run before
 * any entry is written; needs no API server.
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

/** The targets of probes: this node's instances that chains name, and the other nodes that flows may be sent to. */
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

/** The address families of the networks whose chains use an instance. */
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
