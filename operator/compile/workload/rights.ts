// SPDX-License-Identifier: Apache-2.0
import { objectNameOf, selectedPodsNameOf } from '../../../api/function-names.ts';
import { group, plurals } from '../../../api/index.ts';
import { ownedMetadata } from './metadata.ts';
import type { Desired, WorkloadOwner } from './types.ts';

const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';

/** Objects of its namespace that a workload's program reads by name, besides its own object and its selected pods. */
export interface Readable {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
}

/** ServiceAccount, Role and RoleBinding. */
export type Rights = readonly [account: Desired, role: Desired, binding: Desired];

/**
 * The account of a workload's pods and its permissions. It may read its own object, the ConfigMap of its selected
 * pods, and the ConfigMaps and Secrets in `readable`. It may write nothing.
 */
export function compileRights(owner: WorkloadOwner, readable: Readable): Rights {
  const name = objectNameOf(owner.kind, owner.name);
  const metadata = ownedMetadata(owner, name);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
  const role = { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules: rulesOf(owner, readable) };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: owner.namespace }],
  };
  return [account, role, binding];
}

function rulesOf(owner: WorkloadOwner, { configMaps, secrets }: Readable): unknown[] {
  // Every program watches the ConfigMap of its selected pods, even for a kind that never has one.
  const maps = [selectedPodsNameOf(owner.kind, owner.name), ...configMaps];
  return [
    readRule(group, plurals[owner.kind], [owner.name]),
    ...(secrets.length > 0 ? [readRule('', 'secrets', secrets)] : []),
    readRule('', 'configmaps', maps),
  ];
}

function readRule(apiGroup: string, resource: string, names: readonly string[]): unknown {
  return {
    apiGroups: [apiGroup],
    resources: [resource],
    resourceNames: [...new Set(names)].sort(),
    verbs: READ,
  };
}
