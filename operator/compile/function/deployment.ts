import { objectNameOf, peersNameOf } from '../../../api/function-names.ts';
import {
  annotations,
  type CustomFunctionSpec,
  type FunctionPod,
  functionPort,
  interfacesOf,
} from '../../../api/index.ts';
import { customContainer, ourMounts, ourVariables, ourVolumes } from './custom-container.ts';
import { functionKinds } from './kinds.ts';
import { ownedMetadata, ownLabels, selectorLabels } from './metadata.ts';
import type { Desired, FunctionOwner, Owner } from './types.ts';

/** Without limits: a limit on CPU would throttle packets. People set their own by `pod.resources`. */
export const DEFAULT_RESOURCES = { requests: { cpu: '50m', memory: '96Mi' } };

// The same for every function: with its own `drainSeconds` here, an edit of them would restart its pods. The program
// reads them itself and ends when they are over.
const MOST_DRAIN_SECONDS = 600;
export const EXIT_SECONDS = 30;

/** The container that `kubectl logs` and `exec` mean when nobody says one. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

const WAIT_RESOURCES = { requests: { cpu: '1m', memory: '8Mi' } };

// The agent gives the pod its interface before any container starts; when the agent was away it comes later,
// and a function without it would report that it is ready while no packet can reach it.
function waitFor(interfaces: readonly string[]): string {
  const there = interfaces.map((name) => `[ -e /sys/class/net/${name} ]`).join(' && ');
  return `until ${there}; do sleep 0.1; done`;
}

/** What the Deployment of a function is made from. Nothing of its rules: an edit must not restart a pod. */
export interface DeploymentInput {
  readonly owner: FunctionOwner;
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  readonly image: string;
  /** Of a custom function: people's own, beside ours. */
  readonly container?: CustomFunctionSpec | undefined;
}

export interface FunctionDeployment extends Desired {
  readonly spec: { readonly replicas: number; readonly template: unknown } & Readonly<
    Record<string, unknown>
  >;
}

/** The Deployment that runs a function's instances. */
export function compileDeployment(input: DeploymentInput): FunctionDeployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMetadata(input.owner, objectNameOf(input.owner.kind, input.owner.name)),
    spec: {
      replicas: input.replicas,
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(input.owner) },
      // A new instance takes over before an old one goes: a chain with onFailure Closed loses no flow.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...input.pod?.labels, ...ownLabels(input.owner) },
          annotations: {
            ...input.pod?.annotations,
            [annotations.chainInterface]: interfacesOf(input.container).join(','),
            ...(input.container && { [DEFAULT_CONTAINER]: 'function' }),
          },
        },
        spec: podSpec(input),
      },
    },
  };
}

function podSpec(input: DeploymentInput): unknown {
  const { owner, pod, container } = input;
  return {
    serviceAccountName: objectNameOf(owner.kind, owner.name),
    // A container of people's own need not know what ours may read.
    automountServiceAccountToken: container === undefined,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: MOST_DRAIN_SECONDS + EXIT_SECONDS,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    ...optional('nodeSelector', pod?.nodeSelector),
    ...optional('tolerations', pod?.tolerations),
    ...optional('affinity', pod?.affinity),
    ...optional('priorityClassName', pod?.priorityClassName),
    topologySpreadConstraints: pod?.topologySpreadConstraints ?? [spreadOverNodes(owner)],
    initContainers: [waitContainer(input.image, waitFor(interfacesOf(input.container)))],
    ...optional('imagePullSecrets', container?.imagePullSecrets),
    containers: [functionContainer(input), ...(container ? [customContainer(container)] : [])],
    volumes: [
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
      ...(container ? ourVolumes : []),
    ],
  };
}

export function spreadOverNodes(owner: Owner): unknown {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(owner) },
  };
}

/** Waits for interfaces by a shell's `command`, with no rights at all. */
export function waitContainer(image: string, command: string): unknown {
  return {
    name: 'wait',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', command],
    resources: WAIT_RESOURCES,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: 65534,
      capabilities: { drop: ['ALL'] },
    },
  };
}

/** What every program of ours gets: its probes at a named port, and rights in its own network namespace only. */
export function programPart(port: string): Readonly<Record<string, unknown>> {
  return {
    readinessProbe: probe({ path: '/readyz', port, periodSeconds: 1, failureThreshold: 2 }),
    livenessProbe: probe({ path: '/healthz', port, periodSeconds: 10, failureThreshold: 3 }),
    startupProbe: probe({ path: '/healthz', port, periodSeconds: 1, failureThreshold: 60 }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      // The kernel gives NET_ADMIN to root only (no file of the image carries capabilities).
      runAsUser: 0,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    },
  };
}

function functionContainer(input: DeploymentInput): unknown {
  // Beside a container of people's own, which may call one of its ports http.
  const port = input.container ? 'heddle' : 'http';
  return {
    name: input.container ? 'heddle' : functionKinds[input.owner.kind].program,
    image: input.image,
    imagePullPolicy: 'IfNotPresent',
    env: [...environment(input.owner), ...(input.container ? ourVariables(input.container) : [])],
    ports: [{ name: port, containerPort: functionPort, protocol: 'TCP' }],
    resources: (input.container ? undefined : input.pod?.resources) ?? DEFAULT_RESOURCES,
    ...programPart(port),
    volumeMounts: [
      { name: 'run', mountPath: '/run' },
      { name: 'tmp', mountPath: '/tmp' },
      ...(input.container ? ourMounts : []),
    ],
  };
}

export function environment(owner: Owner): unknown[] {
  return [
    { name: 'HEDDLE_KIND', value: owner.kind },
    { name: 'HEDDLE_NAMESPACE', value: owner.namespace },
    { name: 'HEDDLE_NAME', value: owner.name },
    { name: 'HEDDLE_POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'HEDDLE_PORT', value: String(functionPort) },
    { name: 'HEDDLE_PEERS', value: peersNameOf(owner.kind, owner.name) },
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

export function optional(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}
