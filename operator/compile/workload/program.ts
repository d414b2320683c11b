// SPDX-License-Identifier: Apache-2.0
import { drainFiles, functionVariables } from '../../../api/function-environment.ts';
import { selectedPodsNameOf } from '../../../api/function-names.ts';
import { functionPort } from '../../../api/index.ts';
import { reportKeyParts } from './report-key.ts';
import type { WorkloadOwner } from './types.ts';

/**
 * Default resources of our programs. There are no limits, because a limit on CPU would throttle packets. Users set
 * their own in `pod.resources`.
 */
export const DEFAULT_RESOURCES = { requests: { cpu: '50m', memory: '96Mi' } };

const RUN = '/run';

/**
 * The program drains while the preStop hook runs. Were it to drain after SIGTERM, the runtime would wait in its stop of the
 * container, and containerd lets no plugin of NRI register meanwhile, behind which no pod of the node starts
 * (https://github.com/containerd/containerd/issues/14083).
 */
const DRAIN_HOOK = [
  '/bin/sh',
  '-c',
  `until [ -e ${RUN}/${drainFiles.done} ]; do : > ${RUN}/${drainFiles.asked}; sleep 0.2; done`,
];

/** The properties of our program's container that differ between kinds. */
export interface Program {
  readonly name: string;
  /** Name of the HTTP port; `http` unless another container may use that name. */
  readonly portName?: string;
  /** Environment variables in addition to those of every program. */
  readonly env?: readonly unknown[];
  readonly ports?: readonly unknown[];
  readonly mounts?: readonly unknown[];
  readonly resources?: unknown;
}

/** The container of our program, with its probes, and with privileges in its own network namespace only. */
export function programContainer(owner: WorkloadOwner, image: string, program: Program): unknown {
  const { name, portName = 'http', env = [], ports = [], mounts = [], resources } = program;
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    env: [
      ...environment(owner),
      { name: functionVariables.drainFolder, value: RUN },
      reportKeyParts(owner).variable,
      ...env,
    ],
    ports: [{ name: portName, containerPort: functionPort, protocol: 'TCP' }, ...ports],
    resources: resources ?? DEFAULT_RESOURCES,
    readinessProbe: probe({ path: '/readyz', port: portName, periodSeconds: 1, failureThreshold: 2 }),
    livenessProbe: probe({ path: '/healthz', port: portName, periodSeconds: 10, failureThreshold: 3 }),
    startupProbe: probe({ path: '/healthz', port: portName, periodSeconds: 1, failureThreshold: 60 }),
    lifecycle: { preStop: { exec: { command: DRAIN_HOOK } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      // The kernel gives NET_ADMIN only to root (no file of the image has capabilities).
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    },
    volumeMounts: [
      { name: 'run', mountPath: RUN },
      { name: 'tmp', mountPath: '/tmp' },
      reportKeyParts(owner).mount,
      ...mounts,
    ],
  };
}

/**
 * An unprivileged init container that waits for interfaces. The agent gives the pod its interface before any
 * container starts. When the agent was down, the interface comes later, and a program without it would report ready
 * while no packet can reach it.
 */
export function waitContainer(options: {
  readonly image: string;
  readonly interfaces: readonly string[];
  /**
   * The resources of the program. A quota may ask for limits of every container. It costs nothing: init containers run
   * before the others, so Kubernetes counts the larger of both.
   */
  readonly resources: unknown;
}): unknown {
  const { image, interfaces, resources } = options;
  const there = interfaces.map((name) => `[ -e /sys/class/net/${name} ]`).join(' && ');
  return {
    name: 'wait',
    image,
    imagePullPolicy: 'IfNotPresent',
    // The first process of a container gets SIGTERM only if it handles it.
    command: ['/bin/sh', '-c', `trap 'exit 1' TERM; until ${there}; do sleep 0.1; done`],
    resources: resources ?? DEFAULT_RESOURCES,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65534,
      capabilities: { drop: ['ALL'] },
    },
  };
}

function environment(owner: WorkloadOwner): unknown[] {
  return [
    { name: functionVariables.kind, value: owner.kind },
    { name: functionVariables.namespace, value: owner.namespace },
    { name: functionVariables.name, value: owner.name },
    {
      name: functionVariables.pod,
      valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
    },
    { name: functionVariables.port, value: String(functionPort) },
    { name: functionVariables.peers, value: selectedPodsNameOf(owner.kind, owner.name) },
  ];
}

function probe(options: {
  path: string;
  port: string;
  periodSeconds: number;
  failureThreshold: number;
}): unknown {
  const { path, port, ...times } = options;
  return { httpGet: { path, port, scheme: 'HTTP' }, timeoutSeconds: 2, ...times };
}
