// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apply, kubectl, readTarget } from '../../../tools/cluster/kubectl.ts';

/** Makes a user who has only the rights that a test gives; returns their kubeconfig. */
export async function makePerson(name: string, namespace: string): Promise<string> {
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }], namespace);
  const token = (await kubectl(['create', 'token', name, '--duration=30m'], { namespace })).trim();
  const folder = await mkdtemp(join(tmpdir(), 'heddle-person-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, await readFile(readTarget().kubeconfig, 'utf8'));
  const set = (...args: string[]) => kubectl(['config', '--kubeconfig', file, ...args]);
  await set('set-credentials', 'person', `--token=${token}`);
  await set('set-context', '--current', '--user=person', `--namespace=${namespace}`);
  return file;
}

/** Binds a ClusterRole to a user of `home`, in one namespace. */
export async function bindRole(
  role: string,
  person: { readonly name: string; readonly home: string },
  namespace: string,
): Promise<string> {
  const name = `${person.home}-${person.name}-${role}`;
  await apply(
    [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', name: person.name, namespace: person.home }],
      },
    ],
    namespace,
  );
  return name;
}
