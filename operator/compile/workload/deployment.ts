// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from '../../../api/function-names.ts';
import type { FunctionPod } from '../../../api/index.ts';
import { ownedMetadata, ownLabels, selectorLabels } from './metadata.ts';
import { type Program, programContainer, waitContainer } from './program.ts';
import type { Rights } from './rights.ts';
import type { Desired, Owner, WorkloadOwner } from './types.ts';

/** What a program gets to end after its drain. */
const EXIT_SECONDS = 30;

/** What the Deployment of a workload is made from. Nothing that its program reads by itself: an edit of that restarts no pod. */
export interface WorkloadBlueprint {
  readonly owner: WorkloadOwner;
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  readonly image: string;
  /** What says to agents which interfaces the pod gets and what it does with them. */
  readonly marks: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  /** Interfaces without which the program has nothing to do. */
  readonly interfaces: readonly string[];
  /** How long an instance that is to go stays at the most. */
  readonly mostDrainSeconds: number;
  readonly program: Program;
  /** The volume at /tmp. */
  readonly tmp: Readonly<Record<string, unknown>>;
  readonly volumes?: readonly unknown[];
  /** A container with an image of people's own, beside the program. It need not know what ours may read. */
  readonly foreign?: { readonly container: unknown; readonly imagePullSecrets: unknown } | undefined;
}

export interface DesiredDeployment extends Desired {
  readonly spec: { readonly replicas: number; readonly template: unknown } & Readonly<
    Record<string, unknown>
  >;
}

/** All that must exist for the pods of a workload. */
export interface CompiledPods {
  /** To be there before the pods that use them. */
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
      // A new instance takes over before an old one goes: no flow is lost.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: {
          labels: { ...pod?.labels, ...ownLabels(owner), ...marks.labels },
          annotations: { ...pod?.annotations, ...marks.annotations },
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
    initContainers: [waitContainer(image, blueprint.interfaces)],
    ...optional('imagePullSecrets', foreign?.imagePullSecrets),
    containers: [programContainer(owner, image, program), ...(foreign ? [foreign.container] : [])],
    volumes: [
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      { name: 'tmp', emptyDir: blueprint.tmp },
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
