import { group, plurals } from '../../api/index.ts';
import { ownedMetadata } from '../function/metadata.ts';
import { objectNameOf, peersNameOf } from '../function/names.ts';
import type { Desired, Owner } from '../function/types.ts';
import { gatewayConfigNameOf, gatewayKeyNameOf } from './names.ts';

const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';

/** The account of a VPN's gateways: they may read their own object and their two Secrets, by name, and write nothing. */
export function compileVpnRights(owner: Owner): readonly [account: Desired, role: Desired, binding: Desired] {
  const name = objectNameOf(owner.kind, owner.name);
  const metadata = ownedMetadata(owner, name);
  const secrets = [gatewayKeyNameOf(owner.name), gatewayConfigNameOf(owner.name)].sort();
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
  const role = {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata,
    rules: [
      { apiGroups: [group], resources: [plurals.VPN], resourceNames: [owner.name], verbs: READ },
      { apiGroups: [''], resources: ['secrets'], resourceNames: secrets, verbs: READ },
      // Every function's program watches its peers; a gateway's are in its Secret, and this one is never made.
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [peersNameOf(owner.kind, owner.name)],
        verbs: READ,
      },
    ],
  };
  const binding = {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'Role', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace: owner.namespace }],
  };
  return [account, role, binding];
}
