// SPDX-License-Identifier: Apache-2.0
/** Names of the environment variables that the operator sets for a function's program (docs/architecture.md). */
export const functionVariables = {
  kind: 'HEDDLE_KIND',
  namespace: 'HEDDLE_NAMESPACE',
  name: 'HEDDLE_NAME',
  pod: 'HEDDLE_POD',
  /** Port of `/report`, `/healthz`, `/readyz` and `/metrics`. */
  port: 'HEDDLE_PORT',
  /** Name of the ConfigMap of selected pods. */
  peers: 'HEDDLE_PEERS',
  /** File with the key of reports (`report-key.ts`). Absent: reports are answered inside the pod only. */
  reportKey: 'HEDDLE_REPORT_KEY',
  /** Log level. The operator does not set it; it is for a function that is started by hand. */
  logLevel: 'HEDDLE_LOG_LEVEL',
  /** Only custom functions: the interfaces that its chains use, separated by a space. */
  interfaces: 'HEDDLE_INTERFACES',
  /** Only custom functions: a hash of the spec fields from which the pod was made (`custom-template.ts`). */
  template: 'HEDDLE_TEMPLATE',
} as const;

/** Header with the uid of the function's object, in the request of the preStop hook to `/drained`. */
export const drainHeader = 'heddle-function-uid';
