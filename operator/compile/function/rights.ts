import { objectNameOf, peersNameOf } from '../../../api/function-names.ts';
import { group } from '../../../api/index.ts';
import { functionKinds } from './kinds.ts';
import { ownedMetadata } from './metadata.ts';
import type { Desired, FunctionOwner, Owner } from './types.ts';

export const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';

/**
 * The account of a function and what it may read: its own object, the peers that the operator resolved for
 * it and the ConfigMaps that it names. It may write nothing.
 */
export function compileRights(
  owner: FunctionOwner,
  configMaps: readonly string[],
): readonly [account: Desired, role: Desired, binding: Desired] {
  return grant(owner, rulesOf(owner, configMaps));
}

/** An account of an owner's own, and a Role that gives it these rules in the owner's namespace. */
export function grant(
  owner: Owner,
  rules: readonly unknown[],
): readonly [account: Desired, role: Desired, binding: Desired] {
  const name = objectNameOf(owner.kind, owner.name);
  const metadata = ownedMetadata(owner, name);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
  const role = { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: owner.namespace }],
  };
  return [account, role, binding];
}

function rulesOf(owner: FunctionOwner, configMaps: readonly string[]): unknown[] {
  const readable = [...new Set([peersNameOf(owner.kind, owner.name), ...configMaps])].sort();
  return [
    {
      apiGroups: [group],
      resources: [functionKinds[owner.kind].plural],
      resourceNames: [owner.name],
      verbs: READ,
    },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: readable, verbs: READ },
  ];
}
