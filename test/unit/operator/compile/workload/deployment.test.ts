// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import type { FunctionPod } from '../../../../../api/index.ts';
import { compileDeployment } from '../../../../../operator/compile/workload/deployment.ts';

interface Template {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The pods of the firewall `edge` as its spec wants them. */
function templateOf(pod: FunctionPod | undefined): Template {
  const { spec } = compileDeployment({
    owner: { kind: 'Firewall', namespace: 'shop', name: 'edge', uid: 'u' },
    replicas: 2,
    pod,
    image: 'registry/heddle/firewall:1',
    marks: { annotations: { 'heddle.dev/chain-interface': 'chain0' } },
    interfaces: ['chain0'],
    mostDrainSeconds: 600,
    program: { name: 'firewall' },
    tmp: {},
  });
  return spec.template as Template;
}

describe('pods of a workload', () => {
  const placement = {
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
        ],
      },
    },
    priorityClassName: 'system-cluster-critical',
    topologySpreadConstraints: [
      {
        maxSkew: 2,
        topologyKey: 'zone',
        whenUnsatisfiable: 'DoNotSchedule',
        labelSelector: { matchLabels: { app: 'web' } },
      },
    ],
  };

  test.each(Object.entries(placement))('have the %s of `spec.pod`, as it is written', (field, value) => {
    expect(templateOf({ [field]: value } as FunctionPod).spec[field]).toEqual(value);
  });

  test('spread over nodes, and leave all else to Kubernetes, when `spec.pod` says nothing', () => {
    const { spec } = templateOf(undefined);
    expect(spec.topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'heddle.dev/function': 'firewall.edge' } },
      },
    ]);
    const { topologySpreadConstraints: _, ...others } = placement;
    for (const field of Object.keys(others)) expect(spec).not.toHaveProperty(field);
  });

  test('have labels and annotations of `spec.pod` beside our own, which they cannot replace', () => {
    const { metadata } = templateOf({
      labels: { team: 'edge', 'heddle.dev/function': 'firewall.other' },
      annotations: { note: 'x', 'heddle.dev/chain-interface': 'eth0' },
    });
    expect(metadata.labels).toMatchObject({ team: 'edge', 'heddle.dev/function': 'firewall.edge' });
    expect(metadata.annotations).toMatchObject({ note: 'x', 'heddle.dev/chain-interface': 'chain0' });
  });

  test('live longer than the longest drain', () => {
    expect(templateOf(undefined).spec.terminationGracePeriodSeconds).toBe(630);
  });
});
