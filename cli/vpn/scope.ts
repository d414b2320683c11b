// SPDX-License-Identifier: Apache-2.0
import { UsageError } from '../../kube/base/flags.ts';
import type { Session } from '../verb.ts';

/** The namespace of an object that the command line names. */
export function namespaceOf({ common, cluster }: Session): string {
  if (common.allNamespaces)
    throw new UsageError('--all-namespaces: a name is in one namespace; say which with -n');
  return common.namespace ?? cluster.namespace;
}
