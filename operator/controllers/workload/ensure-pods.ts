// SPDX-License-Identifier: Apache-2.0
import { keyOf } from '../../../api/key.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { Ensurer } from '../../apply/ensure.ts';
import type { CompiledPods } from '../../compile/workload/deployment.ts';
import type { WorkloadOwner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { ensureReportKey } from './report-key.ts';

/** Applies the account of a workload's pods and its permissions, makes its key, then applies the Deployment. */
export async function ensurePods(options: {
  readonly stores: Pick<Stores, 'deployments' | 'secrets'>;
  readonly writer: Writer;
  readonly ensurer: Ensurer;
  readonly owner: WorkloadOwner;
  readonly pods: CompiledPods;
}): Promise<void> {
  const { stores, writer, ensurer, owner, pods } = options;
  const [account, role, binding] = pods.rights;
  await ensurer.ensure({ resource: resources.serviceAccounts, object: account, stored: 'NotWatched' });
  await ensurer.ensure({ resource: resources.roles, object: role, stored: 'NotWatched' });
  await ensurer.ensure({ resource: resources.roleBindings, object: binding, stored: 'NotWatched' });
  await ensureReportKey({ stores, writer, owner });
  const { deployment } = pods;
  const stored = stores.deployments.get(keyOf(deployment));
  await ensurer.ensure({ resource: resources.deployments, object: deployment, stored });
}
