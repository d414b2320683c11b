// SPDX-License-Identifier: Apache-2.0
import { findCondition } from '../../../api/conditions.ts';
import { objectNameOf } from '../../../api/function-names.ts';
import type { WorkloadKind } from '../../../api/index.ts';
import { joinKey, type Key } from '../../../api/key.ts';
import { isRefused } from '../../../kube/api-error.ts';
import type { Deployment } from '../../../kube/wire.ts';
import type { Owner, WorkloadOwner } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';
import { type KeysOf, ofOwned } from './triggers.ts';

/**
 * Writes objects; returns the API server's message when it refuses one of them, by a quota, a policy or a webhook. The
 * status shows the message.
 */
export async function refusalOf(write: () => Promise<void>): Promise<string | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return (error as Error).message;
  }
}

/**
 * The API server's message when it refuses the pods of a workload: those of its Deployment, or an object that the pods
 * need (`refusal`, from the last pass). Pod Security, quotas, LimitRanges and webhooks refuse pods when Kubernetes
 * creates them, so only the Deployment tells of it.
 */
export function observeRefusal(
  stores: Pick<Stores, 'deployments'>,
  owner: WorkloadOwner,
  refusal: string | undefined,
): string | undefined {
  if (refusal !== undefined) return refusal;
  const deployment = stores.deployments.get(deploymentKeyOf(owner));
  return isOwned(deployment, { metadata: owner }) ? failureOf(deployment) : undefined;
}

/** The workload, of this kind, of a Deployment whose pods are now refused, admitted, or refused by other words. */
export function ofRefusals(kind: WorkloadKind): KeysOf<Deployment> {
  const owner = ofOwned(kind);
  return (old, now) => (failureOf(old) === failureOf(now) ? [] : owner(old, now));
}

function failureOf(deployment: Deployment | undefined): string | undefined {
  const failure = findCondition(deployment?.status?.conditions ?? [], 'ReplicaFailure');
  return failure?.status === 'True' ? (failure.message ?? '') : undefined;
}

function deploymentKeyOf({ kind, namespace, name }: Owner<WorkloadKind>): Key {
  return joinKey(namespace, objectNameOf(kind, name));
}
