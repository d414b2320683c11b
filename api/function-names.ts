// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** Longest value of a label. */
const LABEL_LENGTH = 63;

// Longest name of a Deployment. It is the beginning of the names of its ReplicaSets (11 characters more) and pods (6
// more), and the name of a pod should be usable as its whole host name (63).
const OBJECT_NAME_LENGTH = 46;

/** Name of the Deployment, ServiceAccount, Role and RoleBinding of a function. */
export function objectNameOf(kind: string, name: string): string {
  return shorten(`heddle-${kind.toLowerCase()}-${name}`, OBJECT_NAME_LENGTH);
}

/**
 * Name of the ConfigMap with the pods that a function's selectors select. Running pods watch this name, so it keeps
 * the word of an earlier release, as `peers.json` and `HEDDLE_PEERS` do.
 */
export function selectedPodsNameOf(kind: string, name: string): string {
  return `${objectNameOf(kind, name)}-peers`;
}

/** Value of the label `heddle.dev/function` on the pods and Ports of a function. */
export function functionLabelOf(kind: string, name: string): string {
  return shorten(`${kind.toLowerCase()}.${name}`, LABEL_LENGTH);
}

/** The text itself when it is short enough, else its beginning and a hash of the whole text. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.slice(0, most - hash.length - 1).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
