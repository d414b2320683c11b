// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from '../../../api/function-names.ts';
import type { FunctionPod } from '../../../api/index.ts';
import { ownedMetadata, ownLabels, selectorLabels } from './metadata.ts';
import { type Program, programContainer, waitContainer } from './program.ts';
import { reportKeyParts } from './report-key.ts';
import type { Rights } from './rights.ts';
import type { Desired, Owner, WorkloadOwner } from './types.ts';

/** Seconds that a program has to exit after its drain. */
const EXIT_SECONDS = 30;

/**
 * The input for the Deployment of a workload. It contains nothing that the program reads by itself, because an edit
 * of that must restart no pod.
 */
export interface WorkloadBlueprint {
  readonly owner: WorkloadOwner;
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  readonly image: string;
  /** Labels and annotations that tell agents which interfaces the pod gets and how it uses them. */
  readonly marks: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Interfaces that the program needs before it starts. */
  readonly interfaces: readonly string[];
  /** Longest time that a terminating instance drains. */
  readonly mostDrainSeconds: number;
  readonly program: Program;
  /** The volume at /tmp. */
  readonly tmp: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly unknown[];
  /** The user's container beside the program. It gets no access to what our program may read. */
  readonly foreign?: { readonly container: unknown; readonly imagePullSecrets: unknown } | undefined;
}

export interface DesiredDeployment extends Desired {
  readonly spec: { readonly replicas: number; readonly template: unknown } & Readonly<
    Record<string, unknown>
  >;
}

/** The objects that must exist for the pods of a workload. */
export interface CompiledPods {
  /** ServiceAccount and roles. They must exist before the pods that use them. */
  readonly rights: Rights;
  readonly deployment: DesiredDeployment;
}

/** The Deployment that runs the pods of a workload. */
export function compileDeployment(blueprint: WorkloadBlueprint): DesiredDeployment {
  const { owner, replicas, pod, marks } = blueprint;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: ownedMetadata(owner, objectNameOf(owner.kind, owner.name)),
    spec: {
      replicas,
      revisionHistoryLimit: 2,
      selector: { matchLabels: selectorLabels(owner) },
      // A new instance is ready before an old one stops, so that no flow is lost.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...pod?.labels, ...ownLabels(owner), ...marks.labels },
          annotations: { ...pod?.annotations, ...marks.annotations, ...reportKeyParts(owner).annotations },
        },
        spec: podSpec(blueprint),
      },
    },
  };
}

function podSpec(blueprint: WorkloadBlueprint): unknown {
  const { owner, pod, image, program, foreign } = blueprint;
  return {
    serviceAccountName: objectNameOf(owner.kind, owner.name),
    automountServiceAccountToken: foreign === undefined,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: blueprint.mostDrainSeconds + EXIT_SECONDS,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    ...optional('nodeSelector', pod?.nodeSelector),
    ...optional('tolerations', pod?.tolerations),
    ...optional('affinity', pod?.affinity),
    ...optional('priorityClassName', pod?.priorityClassName),
    topologySpreadConstraints: pod?.topologySpreadConstraints ?? [spreadOverNodes(owner)],
    initContainers: [
      waitContainer({ image, interfaces: blueprint.interfaces, resources: program.resources }),
    ],
    ...optional('imagePullSecrets', foreign?.imagePullSecrets),
    containers: [programContainer(owner, image, program), ...(foreign ? [foreign.container] : [])],
    volumes: [
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      { name: 'tmp', emptyDir: blueprint.tmp },
      reportKeyParts(owner).volume,
      ...(blueprint.volumes ?? []),
    ],
  };
}

function spreadOverNodes(owner: Owner): unknown {
  return {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selectorLabels(owner) },
  };
}

function optional(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}
