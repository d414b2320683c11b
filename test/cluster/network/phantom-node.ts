// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { internalApiVersion, internalGroup, plurals } from '../../../api/names.ts';
import { apply, kubectl, readTarget, tryKubectl } from '../../../tools/cluster/kubectl.ts';

const REPORTS = `${plurals.NodeReport}.${internalGroup}`;

/**
 * A node that exists only as an object. Pods that name it are bound and never start, so hundreds of them cost nothing,
 * and the test writes what its agent would report.
 */
export function usePhantomNode(): string {
  const name = `phantom-${randomBytes(3).toString('hex')}`;
  beforeAll(() => createNode(name));
  afterAll(async () => {
    await tryKubectl(['delete', 'node', name, '--ignore-not-found', '--wait=false']);
    await tryKubectl(['delete', REPORTS, name, '--ignore-not-found'], {
      namespace: readTarget().system,
    });
  });
  return name;
}

export async function createNode(name: string): Promise<void> {
  const taints = [{ key: 'heddle.dev/test', effect: 'NoSchedule' }];
  await apply([{ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { taints } }]);
}

export interface Report {
  readonly underlayMtu?: number;
  readonly vteps?: readonly string[];
  readonly vnis?: readonly number[];
  readonly networks?: Readonly<Record<string, number>>;
}

/** Writes a report, as the agent of the node would. */
export async function report(node: string, status: Report): Promise<void> {
  const namespace = readTarget().system;
  await tryKubectl(['create', 'namespace', namespace]);
  const metadata = { name: node, namespace };
  await apply([{ apiVersion: internalApiVersion, kind: 'NodeReport', metadata }]);
  const patch = JSON.stringify({ status });
  await kubectl(['patch', REPORTS, node, '--subresource=status', '--type=merge', '-p', patch], {
    namespace,
  });
}

/** Writes the status of a Port, as the agent of its node would. */
export async function reportPort(
  port: { readonly name: string; readonly namespace: string },
  condition: { readonly status: 'True' | 'False'; readonly reason: string },
): Promise<void> {
  const object = {
    apiVersion: 'heddle.dev/v1alpha1',
    kind: 'Port',
    metadata: port,
    status: {
      conditions: [
        {
          type: 'Ready',
          message: '',
          lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
          ...condition,
        },
      ],
    },
  };
  await kubectl(
    [
      'apply',
      '--server-side',
      '--field-manager=heddle-agent',
      '--subresource=status',
      '--force-conflicts',
      '-f',
      '-',
    ],
    { namespace: port.namespace, input: JSON.stringify(object) },
  );
}
