// SPDX-License-Identifier: Apache-2.0
import type { Port, VirtualNetwork } from '../../../api/index.ts';
import { keyOfRef } from '../../../api/key.ts';
import type { WantedInterface } from './wanted.ts';

/** What this node knows about a pod that wants to start. */
export interface StartFacts {
  /** `namespace/name` of the pod. */
  readonly pod: string;
  readonly wanted: readonly WantedInterface[];
  /** The Accepted Ports of the pod. */
  readonly ports: readonly Port[];
  readonly network: (key: string) => VirtualNetwork | undefined;
  /** Whether the agent has read all resources. Until then, what it does not know may exist. */
  readonly synced: boolean;
  /** Whether the runtime was kept waiting for this pod before, in vain. */
  readonly waited: boolean;
}

export type StartVerdict =
  | { readonly kind: 'Attach'; readonly ports: readonly Port[] }
  /** What is missing comes within moments, if all is well. `message` is for the case that it does not. */
  | { readonly kind: 'Wait'; readonly message: string }
  /** What is missing does not come by waiting. */
  | { readonly kind: 'Refuse'; readonly message: string };

/**
 * Pure: whether a pod may start, or what it lacks. The runtime calls the hooks of a node one by one, so a pod may keep
 * others waiting only when that probably helps, and only once.
 */
export function judgeStart(facts: StartFacts): StartVerdict {
  const { pod, wanted, ports, synced, waited } = facts;
  const found = wanted.flatMap(({ name }) => ports.find(({ spec }) => spec.interface === name) ?? []);
  const missing = wanted.filter(({ name }) => !found.some(({ spec }) => spec.interface === name));
  if (synced && missing.length === 0) return { kind: 'Attach', ports: found };
  const patient = waited ? 'Refuse' : 'Wait';
  if (!synced) return { kind: patient, message: `pod ${pod}: the agent has not read all resources yet` };
  const obstacle = missing.flatMap((each) => obstacleOf(each, facts) ?? [])[0];
  if (obstacle !== undefined) return { kind: 'Refuse', message: `pod ${pod}: ${obstacle}` };
  const names = missing.map(({ name }) => name).join(', ');
  return { kind: patient, message: `pod ${pod}: no address was allocated for ${names} yet; see its Events` };
}

/** Why the operator cannot make the Port of an interface now, as far as this node can tell. */
function obstacleOf({ network }: WantedInterface, { network: find }: StartFacts): string | undefined {
  if (network === undefined) return undefined;
  const key = keyOfRef(network);
  const found = find(key);
  if (found === undefined) return `VirtualNetwork ${key} does not exist; see its Events`;
  if (found.metadata.deletionTimestamp !== undefined) return `VirtualNetwork ${key} is being deleted`;
  return undefined;
}
