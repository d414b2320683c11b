// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';

/** A label's value may have 63 characters. */
const LABEL_LENGTH = 63;

// A Deployment's name begins the names of its ReplicaSets (11 characters more) and pods (6 more), and a pod's
// name should be its host name whole (63).
const OBJECT_NAME_LENGTH = 46;

/** Name of the Deployment, ServiceAccount, Role and RoleBinding of a function. */
export function objectNameOf(kind: string, name: string): string {
  return shorten(`heddle-${kind.toLowerCase()}-${name}`, OBJECT_NAME_LENGTH);
}

/**
 * Name of the ConfigMap with the pods that a function's selectors mean. Running pods watch this very name, so it stays as it
 * was when those were called peers; so do `peers.json` and `HEDDLE_PEERS`.
 */
export function selectedPodsNameOf(kind: string, name: string): string {
  return `${objectNameOf(kind, name)}-peers`;
}

/** Value of the label `heddle.dev/function` on the pods and Ports of a function. */
export function functionLabelOf(kind: string, name: string): string {
  return shorten(`${kind.toLowerCase()}.${name}`, LABEL_LENGTH);
}

/** The text itself when it fits, else its beginning and a hash of all of it. */
function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return `${text.slice(0, most - hash.length - 1).replace(/[^a-z0-9]+$/, '')}-${hash}`;
}
