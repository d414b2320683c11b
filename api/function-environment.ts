// SPDX-License-Identifier: Apache-2.0
/** What the operator tells a function's program: names of variables of its environment (docs/architecture.md). */
export const functionVariables = {
  kind: 'HEDDLE_KIND',
  namespace: 'HEDDLE_NAMESPACE',
  name: 'HEDDLE_NAME',
  pod: 'HEDDLE_POD',
  /** Where it answers `/report`, `/healthz`, `/readyz` and `/metrics`. */
  port: 'HEDDLE_PORT',
  /** Name of the ConfigMap with what the operator found for its spec. */
  peers: 'HEDDLE_PEERS',
  /** Not set by the operator; for those who start a function by hand. */
  logLevel: 'HEDDLE_LOG_LEVEL',
  /** Of a custom function: the interfaces that its chains use, by a space between. */
  interfaces: 'HEDDLE_INTERFACES',
  /** Of a custom function: a hash of what the pod was made from (`custom-template.ts`). */
  template: 'HEDDLE_TEMPLATE',
} as const;
