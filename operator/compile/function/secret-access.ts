// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { annotations } from '../../../api/index.ts';
import type { FunctionNeeds } from './needs.ts';

/** The value of the annotation of a Secret, by name of the Secret; undefined without the Secret or the annotation. */
export type Allowances = ReadonlyMap<string, string | undefined>;

/**
 * Pure: why a custom function gets no instances: Secrets that it names do not allow it. The message says the same of a
 * Secret that does not exist, because who writes the function need not know which exist.
 */
export function judgeSecretAccess(
  fn: { readonly namespace: string; readonly name: string },
  { allowedSecrets = [] }: Pick<FunctionNeeds, 'allowedSecrets'>,
  allowances: Allowances,
): string | undefined {
  const value = `customfunction/${fn.name}`;
  const refused = allowedSecrets.filter(({ name }) => !entriesOf(allowances.get(name)).includes(value));
  if (refused.length === 0) return undefined;
  const sentences = refused.map(
    ({ field, name }) => `${field}: there is no Secret ${fn.namespace}/${name} that allows this function`,
  );
  return `${nameSome(sentences)}; spec.secretAccess Allowed needs its annotation ${annotations.allow}: ${value}`;
}

function entriesOf(value = ''): readonly string[] {
  return value.split(',').map((entry) => entry.trim());
}
