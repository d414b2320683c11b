// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { keepArtifacts } from './artifacts.ts';
import { kubectl, tryKubectl } from './kubectl.ts';

/**
 * Makes a namespace for the tests of one file, and deletes it after them. Call it at the top of the file or in a
 * `describe`; the name is known at once.
 */
export function useNamespace(purpose: string): string {
  const name = `heddle-${purpose}-${randomBytes(3).toString('hex')}`;
  beforeAll(async () => {
    await kubectl(['create', 'namespace', name]);
    await kubectl([
      'label',
      'namespace',
      name,
      'heddle.dev/test=true',
      'pod-security.kubernetes.io/enforce=privileged',
    ]);
    keepArtifacts.namespaces.add(name);
  });
  afterAll(async () => {
    keepArtifacts.namespaces.delete(name);
    await tryKubectl(['delete', 'namespace', name, '--wait=false']);
  });
  return name;
}
