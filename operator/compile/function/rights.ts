import { functionKinds } from './kinds.ts';
import { ownedMetadata } from './metadata.ts';
import { objectNameOf, peersNameOf } from './names.ts';
import type { Desired, FunctionOwner } from './types.ts';

const READ = ['get', 'list', 'watch'];

/**
 * The account of a function and what it may read: its own object, the peers that the operator resolved for
 * it and the ConfigMaps that it names. It may write nothing.
 */
export function compileRights(owner: FunctionOwner, configMaps: readonly string[]): Desired[] {
  const name = objectNameOf(owner.kind, owner.name);
  const metadata = ownedMetadata(owner, name);
  const readable = [peersNameOf(owner.kind, owner.name), ...new Set(configMaps)].sort();
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata,
      ...{ automountServiceAccountToken: false },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      ...{
        rules: [
          {
            apiGroups: ['heddle.dev'],
            resources: [functionKinds[owner.kind].plural],
            resourceNames: [owner.name],
            verbs: READ,
          },
          { apiGroups: [''], resources: ['configmaps'], resourceNames: readable, verbs: READ },
        ],
      },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      ...{
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace: owner.namespace }],
      },
    },
  ];
}
