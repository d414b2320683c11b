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
  /** Id of the sandbox of its pod. */
  readonly podId: string;
  readonly name: string;
  /** Whether it was made and has not ended. */
  readonly lives: boolean;
  /** In milliseconds since 1970; undefined when the runtime does not tell. */
  readonly createdAt: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const CREATED = 1;
const STOPPED = 4;
const NANOSECONDS = 1e6;

export function toPod(sandbox: PodSandbox): RuntimePod {
  const { id, name, namespace, uid, labels, annotations } = sandbox;
  const network = sandbox.linux?.namespaces.find(({ type }) => type === 'network');
  const netnsPath = network === undefined || network.path === '' ? undefined : network.path;
  return { id, name, namespace, uid, labels, annotations, netnsPath };
}

export function toContainer(container: NriContainer): RuntimeContainer {
  const { id, podSandboxId: podId, name, state, createdAt, labels, annotations } = container;
  const lives = state >= CREATED && state < STOPPED;
  const at = createdAt > 0 ? createdAt / NANOSECONDS : undefined;
  return { id, podId, name, lives, createdAt: at, labels, annotations };
}
