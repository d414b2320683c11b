// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type KubectlOptions,
  kubectl,
  type Reply,
  readTarget,
  tryKubectl,
} from '../../../tools/cluster/kubectl.ts';
import { bindRole, makePerson } from '../cli/person.ts';

/** An account that attempts something with the rights that it has. */
export interface Account {
  try(args: readonly string[], options?: KubectlOptions): Promise<Reply>;
  /** Creates an object. */
  create(object: object, options?: KubectlOptions): Promise<Reply>;
}

/** A tenant: a ServiceAccount of the namespace that has these ClusterRoles there, and nothing else. */
export async function makeTenant(
  name: string,
  namespace: string,
  roles: readonly string[],
): Promise<Account> {
  const kubeconfig = await makePerson(name, namespace);
  for (const role of roles) await bindRole(role, { name, home: namespace }, namespace);
  return accountOf(kubeconfig);
}

/** Who has stolen the token of a program of the chart. `boundTo` is the pod whose token it is. */
export async function steal(serviceAccount: string, boundTo?: string): Promise<Account> {
  const namespace = readTarget().system;
  const bound = boundTo === undefined ? [] : ['--bound-object-kind=Pod', `--bound-object-name=${boundTo}`];
  const args = ['create', 'token', serviceAccount, '--duration=30m', ...bound];
  const token = (await kubectl(args, { namespace })).trim();
  const file = join(await mkdtemp(join(tmpdir(), 'heddle-thief-')), 'kubeconfig');
  await writeFile(file, await readFile(readTarget().kubeconfig, 'utf8'));
  await kubectl(['config', '--kubeconfig', file, 'set-credentials', 'thief', `--token=${token}`]);
  await kubectl(['config', '--kubeconfig', file, 'set-context', '--current', '--user=thief']);
  return accountOf(file);
}

function accountOf(kubeconfig: string): Account {
  const attempt = (args: readonly string[], options: KubectlOptions = {}): Promise<Reply> =>
    tryKubectl(['--kubeconfig', kubeconfig, ...args], options);
  return {
    try: attempt,
    create: (object, options = {}) =>
      attempt(['create', '-f', '-'], { ...options, input: JSON.stringify(object) }),
  };
}

/** What an attempt came to: the words of the refusal, or that there was none. */
export function refusalOf({ code, stderr }: Reply): string {
  return code === 0 ? 'not refused' : stderr;
}
