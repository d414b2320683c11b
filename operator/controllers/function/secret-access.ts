// SPDX-License-Identifier: Apache-2.0
import { annotations } from '../../../api/index.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import { type FunctionObject, needsOf } from '../../compile/function/kinds.ts';
import { judgeSecretAccess } from '../../compile/function/secret-access.ts';

/**
 * Why a function gets no instances: Secrets that it names do not allow it. Their metadata is read in each pass, because
 * nothing watches users' Secrets.
 */
export async function refuseSecrets(writer: Writer, object: FunctionObject): Promise<string | undefined> {
  const needs = needsOf(object);
  const { namespace } = object.metadata;
  const allowances = new Map<string, string | undefined>();
  for (const { name } of needs.allowedSecrets ?? []) {
    if (allowances.has(name)) continue;
    const secret = await writer.readMetadata({ resource: resources.secrets, namespace, name });
    allowances.set(name, secret?.metadata?.annotations?.[annotations.allow]);
  }
  return judgeSecretAccess(object.metadata, needs, allowances);
}
