// SPDX-License-Identifier: Apache-2.0
import { annotations, chainInterface, frameInterfaces, type Port } from '../../../api/index.ts';
import { type Key, keyOfRef } from '../../../api/key.ts';
import type { Parsed } from '../../../api/parsed.ts';
import { asksForNetworks, readPodNetworks } from '../../../api/pod-networks.ts';
import type { RuntimePod } from '../../nri/plugin.ts';

/** An interface that a pod must have before a container of it starts. */
export interface WantedInterface {
  readonly name: string;
  /** Absent for the interface of a function's instance. */
  readonly network?: { readonly namespace: string; readonly name: string };
}

type Annotated = Pick<RuntimePod, 'namespace' | 'name' | 'annotations'>;

/**
 * Pure: the interfaces that a pod must have. The runtime knows the annotations as they were when the sandbox was made. The
 * pod's Ports tell what the operator understood later, when somebody corrected the annotation of a pod that waits.
 */
export function wantedInterfaces(
  pod: Annotated,
  { ports, isOthers }: { readonly ports: readonly Port[]; readonly isOthers: (network: Key) => boolean },
): Parsed<readonly WantedInterface[]> {
  const listed = new Set(ports.flatMap(listedInterfaces));
  if (listed.size === 0) return askedFor(pod, isOthers);
  const networks = new Map(ports.map(({ spec }) => [spec.interface, spec.network]));
  return {
    ok: true,
    value: [...listed].map((name) => {
      const network = networks.get(name);
      return { name, ...(network && { network }) };
    }),
  };
}

/** Whether a pod asks for interfaces at all, in words that may be wrong. Almost all pods of a node do not. */
export function asksForInterfaces({ annotations: given }: Annotated): boolean {
  return asksForNetworks(given) || given[annotations.chainInterface] !== undefined;
}

/** The interfaces of the pod that a Port lists; none if an operator of the release before made it. */
function listedInterfaces({ metadata }: Port): readonly string[] {
  return (metadata.annotations?.[annotations.interfaces] ?? '').split(',').filter((name) => name !== '');
}

function askedFor(pod: Annotated, isOthers: (network: Key) => boolean): Parsed<readonly WantedInterface[]> {
  const ofChain = pod.annotations[annotations.chainInterface];
  // A Port with the name of the left one of two interfaces represents both.
  const own = ofChain === frameInterfaces.join(',') ? frameInterfaces[0] : chainInterface;
  const chain = ofChain === undefined ? [] : [{ name: own }];
  const asked = readPodNetworks(pod, isOthers);
  if (!asked.ok) return { ok: false, complaint: { message: `pod ${keyOfRef(pod)}: ${asked.message}` } };
  const networks = asked.ours.map((each) => ({ name: each.interface, network: each.network }));
  return { ok: true, value: [...chain, ...networks] };
}
