// SPDX-License-Identifier: Apache-2.0
import type { SelectedPods, SourcePorts } from '../../../api/selected-pods.ts';

/**
 * The ports of a load balancer's own addresses that its instances send from: above the ports of services, and below
 * those that hosts choose by themselves (net.ipv4.ip_local_port_range), from which a backend may reach itself.
 */
const FIRST = 1024;
/** Shares are whole units, so that every share can be halved down to one unit. */
const UNIT = 31;
const UNITS = 1024;
/** The largest share: one of eight. */
const MOST_UNITS = UNITS / 8;

/** The source ports of each instance, by instance id. */
export type Shares = ReadonlyMap<number, SourcePorts>;

interface Block {
  readonly first: number;
  readonly units: number;
}

/**
 * Gives each live instance source ports that no other has. If two instances opened a flow from one port to one backend,
 * the backend could not tell the two flows apart. Pure.
 * - An instance keeps its ports while it lives, because its flows use them. It gets more of them, if those around them
 *   are free and there are few replicas.
 * - A share is so large that twice as many instances as replicas have one: those of an upgrade, and those that drain.
 *   When such a share is not free, the new instance gets a smaller one.
 * @returns no entry for an instance when all ports are held
 */
export function assignSourcePorts(options: {
  readonly held: Shares;
  readonly instances: readonly number[];
  readonly replicas: number;
}): Shares {
  const { held, replicas } = options;
  const instances = [...new Set(options.instances)].sort((a, b) => a - b);
  const most = unitsFor(replicas);
  const blocks = new Map<number, Block>();
  for (const id of instances) {
    const ports = held.get(id);
    if (ports) blocks.set(id, blockOf(ports));
  }
  for (const [id, block] of blocks) blocks.set(id, grow(block, { most, others: except(blocks, id) }));
  for (const id of instances) {
    if (blocks.has(id)) continue;
    const block = findFree(id, { most, others: [...blocks.values()] });
    if (block) blocks.set(id, block);
  }
  return new Map([...blocks].sort(([a], [b]) => a - b).map(([id, block]) => [id, portsOf(block)]));
}

/** Parses the shares of an entry of selected pods. Whoever may write ConfigMaps can write it, so what is no share is left out. */
export function parseShares(text: string | undefined): Shares {
  const shares = new Map<number, SourcePorts>();
  const blocks: Block[] = [];
  for (const [id, ports] of Object.entries(readEntry(text)?.sourcePorts ?? {})) {
    const block = blockOf(ports);
    if (!isBlock(block) || !isFree(block, blocks)) continue;
    blocks.push(block);
    shares.set(Number(id), ports);
  }
  return shares;
}

function readEntry(text: string | undefined): Pick<SelectedPods, 'sourcePorts'> | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as SelectedPods);
  } catch {
    return undefined;
  }
}

function isBlock({ first, units }: Block): boolean {
  return (
    Number.isInteger(first) &&
    first >= 0 &&
    Number.isInteger(Math.log2(units)) &&
    units <= MOST_UNITS &&
    first % units === 0 &&
    first + units <= UNITS
  );
}

function unitsFor(replicas: number): number {
  let units = MOST_UNITS;
  while (units > 1 && UNITS / units < 2 * replicas) units /= 2;
  return units;
}

interface Search {
  /** Units of the share that is wanted: a power of two. */
  readonly most: number;
  readonly others: readonly Block[];
}

/** The largest block around this one that is free, at most of the wanted size. */
function grow(block: Block, { most, others }: Search): Block {
  for (let units = most; units > block.units; units /= 2) {
    const larger = { first: block.first - (block.first % units), units };
    if (isFree(larger, others)) return larger;
  }
  return block;
}

/**
 * The search begins where the id says: there a function of the release before, which chooses its ports by itself, has
 * them. And ids count up, so ports that were in use a moment ago are given last.
 */
function findFree(id: number, { most, others }: Search): Block | undefined {
  for (let units = most; units >= 1; units /= 2) {
    const count = UNITS / units;
    for (let i = 0; i < count; i++) {
      const block = { first: ((id + i) % count) * units, units };
      if (isFree(block, others)) return block;
    }
  }
  return undefined;
}

function isFree({ first, units }: Block, others: readonly Block[]): boolean {
  return others.every((other) => other.first + other.units <= first || first + units <= other.first);
}

function except(blocks: ReadonlyMap<number, Block>, id: number): readonly Block[] {
  return [...blocks].flatMap(([other, block]) => (other === id ? [] : [block]));
}

function blockOf({ first, last }: SourcePorts): Block {
  return { first: (first - FIRST) / UNIT, units: (last - first + 1) / UNIT };
}

function portsOf({ first, units }: Block): SourcePorts {
  const start = FIRST + first * UNIT;
  return { first: start, last: start + units * UNIT - 1 };
}
