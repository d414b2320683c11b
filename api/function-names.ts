// SPDX-License-Identifier: Apache-2.0
import { hashOf, LABEL_LENGTH, shorten } from './shorten.ts';

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

/** Name of the ConfigMap that keeps what the list of a firewall's set last held. A name of a set has no dot. */
export function keptListNameOf(firewall: string, set: string): string {
  return `${objectNameOf('Firewall', firewall)}-kept.${set}`;
}

/** Value of the label `heddle.dev/function` on the pods and Ports of a function. */
export function functionLabelOf(kind: string, name: string): string {
  return shorten(`${kind.toLowerCase()}.${name}`, LABEL_LENGTH);
}

/**
 * Name of the Service of a function or VPN. It is a part of host names, so it has no dots: where the name of the object
 * has some, they become hyphens, and a hash of the name keeps `web.v2` and `web-v2` apart.
 */
export function serviceNameOf(kind: string, name: string): string {
  const own = objectNameOf(kind, name);
  return own.includes('.') ? `${own.replaceAll('.', '-')}-${hashOf(own)}` : own;
}
