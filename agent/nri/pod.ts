// SPDX-License-Identifier: Apache-2.0
import type { NriContainer, PodSandbox } from './proto.ts';

/** A pod as the container runtime describes it. */
export interface RuntimePod {
  /** The id of the sandbox; a pod that failed to start gets another sandbox. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absent for pods on the host's network, and if the runtime does not know it any more (at Stop). */
  readonly netnsPath: string | undefined;
}

export interface RuntimeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export function toPod(sandbox: PodSandbox): RuntimePod {
  const { id, name, namespace, uid, labels, annotations } = sandbox;
  const network = sandbox.linux?.namespaces.find(({ type }) => type === 'network');
  const netnsPath = network === undefined || network.path === '' ? undefined : network.path;
  return { id, name, namespace, uid, labels, annotations, netnsPath };
}

export function toContainer(container: NriContainer): RuntimeContainer {
  const { id, name, labels, annotations } = container;
  return { id, name, labels, annotations };
}
