// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { ProbeLevel } from '../kernel/protocol.ts';
import { parseName, type Targets } from './plan.ts';
import { type Health, type HealthEvent, nextHealth, worstOf } from './state.ts';

/** A change of the health of an instance or a node. */
export type HealthChange =
  | { readonly kind: 'Instance'; readonly id: number; readonly health: Health['kind'] }
  | { readonly kind: 'Node'; readonly node: string; readonly health: Health['kind'] };

/** The health of everything that is probed: a state machine for each target. No clock of its own, no I/O. */
export class HealthRegistry {
  /** States by instance and family. Adopted instances are in `#adopted` until their families are known. */
  readonly #instances = new Map<number, Map<Family, Health>>();
  readonly #adopted = new Map<number, Health>();
  readonly #nodes = new Map<string, Health>();

  /** Adopts an instance of an earlier agent with its last state in the kernel, unless its state is known already. */
  adopt(id: number, wasDown: boolean): void {
    if (this.#instances.has(id) || this.#adopted.has(id)) return;
    this.#adopted.set(id, { kind: wasDown ? 'Down' : 'Healthy' });
  }

  healthOf(id: number): Health['kind'] {
    const families = this.#instances.get(id);
    if (families) return worstOf([...families.values()]);
    return this.#adopted.get(id)?.kind ?? 'Proving';
  }

  nodeHealth(node: string): Health['kind'] {
    return this.#nodes.get(node)?.kind ?? 'Healthy';
  }

  get instances(): Iterable<number> {
    return this.#instances.keys();
  }

  get nodes(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** Replaces the targets; those that stay keep their states. */
  setTargets({ attached, instances, peers }: Targets): readonly HealthChange[] {
    for (const [id, families] of this.#instances) {
      if (instances.has(id)) continue;
      // If a chain names the instance again, it continues with this state.
      this.#adopted.set(id, restingHealth([...families.values()]));
      this.#instances.delete(id);
    }
    for (const id of this.#adopted.keys()) if (!attached.has(id)) this.#adopted.delete(id);
    const changes = [...instances].flatMap(([id, families]) => this.#setFamilies(id, families));
    for (const node of this.#nodes.keys()) if (!peers.has(node)) this.#nodes.delete(node);
    for (const node of peers.keys()) if (!this.#nodes.has(node)) this.#nodes.set(node, { kind: 'Healthy' });
    return changes;
  }

  observe(levels: Iterable<readonly [string, ProbeLevel]>, now: number): readonly HealthChange[] {
    return [...levels].flatMap(([text, level]) => {
      const name = parseName(text);
      const event: HealthEvent = { kind: 'Level', level };
      return name.kind === 'Node'
        ? this.#stepNode(name.node, event, now)
        : this.#stepInstance(name.id, [name.family], event, now);
    });
  }

  /** Applies an event that concerns all targets: `Tick` or `Blind`. */
  step(event: HealthEvent, now: number): readonly HealthChange[] {
    return [
      ...[...this.#instances].flatMap(([id, families]) =>
        this.#stepInstance(id, [...families.keys()], event, now),
      ),
      ...[...this.#nodes.keys()].flatMap((node) => this.#stepNode(node, event, now)),
    ];
  }

  /** The time at which the first of the recovering targets began to answer again. */
  get recoveringSince(): number | undefined {
    const all = [
      ...this.#nodes.values(),
      ...[...this.#instances.values()].flatMap((each) => [...each.values()]),
    ];
    const times = all.flatMap((health) => (health.kind === 'Recovering' ? [health.since] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #setFamilies(id: number, families: ReadonlySet<Family>): readonly HealthChange[] {
    const before = this.healthOf(id);
    const known = this.#instances.get(id);
    // A family that is added later starts with the state of the others, so that it does not take the instance down.
    const others = known ? restingHealth([...known.values()]) : this.#adopted.get(id);
    const fresh: Health = others ?? { kind: 'Proving' };
    this.#instances.set(id, new Map([...families].map((family) => [family, known?.get(family) ?? fresh])));
    this.#adopted.delete(id);
    const health = this.healthOf(id);
    return health === before ? [] : [{ kind: 'Instance', id, health }];
  }

  #stepInstance(
    id: number,
    families: readonly Family[],
    event: HealthEvent,
    now: number,
  ): readonly HealthChange[] {
    const states = this.#instances.get(id);
    if (!states) return [];
    const before = worstOf([...states.values()]);
    for (const family of families) {
      const state = states.get(family);
      if (state) states.set(family, nextHealth(state, event, now));
    }
    const health = worstOf([...states.values()]);
    return health === before ? [] : [{ kind: 'Instance', id, health }];
  }

  #stepNode(node: string, event: HealthEvent, now: number): readonly HealthChange[] {
    const before = this.#nodes.get(node);
    if (!before) return [];
    const after = nextHealth(before, event, now);
    this.#nodes.set(node, after);
    return after.kind === before.kind ? [] : [{ kind: 'Node', node, health: after.kind }];
  }
}

/** The state with which an instance continues when its probes begin again. */
function restingHealth(states: readonly Health[]): Health {
  const worst = worstOf(states);
  if (worst === 'Healthy' || worst === 'Proving') return { kind: worst };
  return { kind: 'Down' };
}
