// SPDX-License-Identifier: Apache-2.0
import { type Condition, findCondition as find } from '../../api/conditions.ts';
import { get, type KubeObject } from './kubectl.ts';
import { eventually, type WaitOptions } from './wait.ts';

export type { Condition };

export interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: readonly Condition[]; readonly observedGeneration?: number };
}

export function findCondition(object: WithConditions, type: string): Condition | undefined {
  return find(object.status?.conditions, type);
}

export interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** Waits until a condition has a status (True by default) at the object's current generation. */
export async function waitForCondition<T extends WithConditions = WithConditions>(
  { kind, name, namespace }: Reference,
  type: string,
  options: WaitOptions & { readonly status?: Condition['status']; readonly reason?: string } = {},
): Promise<T> {
  const status = options.status ?? 'True';
  return eventually(
    `${kind} ${namespace}/${name}: ${type}=${status}`,
    async () => {
      const object = await get<T>(kind, name, namespace);
      const condition = findCondition(object, type);
      if (!condition) throw new Error(`no condition ${type} yet: ${JSON.stringify(object.status ?? {})}`);
      const seen = condition.observedGeneration ?? object.status?.observedGeneration;
      const current = seen === undefined || seen === object.metadata.generation;
      const fits = condition.status === status && (!options.reason || condition.reason === options.reason);
      if (current && fits) return object;
      throw new Error(`${condition.type}=${condition.status} ${condition.reason}: ${condition.message}`);
    },
    options,
  );
}
