// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../api/net/address.ts';
import type { ProbeLevel } from '../kernel/protocol.ts';
import { parseName, type Targets } from './plan.ts';
import { type Health, type HealthEvent, nextHealth, worstOf } from './state.ts';

/** Who is as of now in another state than before. */
export type HealthChange =
  | { readonly kind: 'Instance'; readonly id: number; readonly health: Health['kind'] }
  | { readonly kind: 'Node'; readonly node: string; readonly health: Health['kind'] };

/** The health of everything that is probed: a state machine for each target. No clock of its own, no I/O. */
export class HealthRegistry {
  /** By instance, then by family; an instance that was taken over has states before it is known which families count. */
  readonly #instances = new Map<number, Map<Family, Health>>();
  readonly #adopted = new Map<number, Health>();
  readonly #nodes = new Map<string, Health>();

  /** An instance that was here before this agent, as the kernel was told last; what is known of one already stands. */
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

  /** From now on these are probed; what is known of those that stay, stays. */
  setTargets({ attached, instances, peers }: Targets): readonly HealthChange[] {
    for (const [id, families] of this.#instances) {
      if (instances.has(id)) continue;
      // Should a chain name it again, it goes on from here.
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

  /** Time went by, or nobody was looking: concerns everyone. */
  step(event: HealthEvent, now: number): readonly HealthChange[] {
    return [
      ...[...this.#instances].flatMap(([id, families]) =>
        this.#stepInstance(id, [...families.keys()], event, now),
      ),
      ...[...this.#nodes.keys()].flatMap((node) => this.#stepNode(node, event, now)),
    ];
  }

  /** Since when the one that answers again for the longest time has done so. */
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
    // A family that comes later is taken to be as well as the others: it must not stop what works already.
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

/** The state to go on from when its probes begin anew. */
function restingHealth(states: readonly Health[]): Health {
  const worst = worstOf(states);
  if (worst === 'Healthy' || worst === 'Proving') return { kind: worst };
  return { kind: 'Down' };
}
