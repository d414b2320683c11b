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
  /** Folder in which the preStop hook asks for the drain (`drainFiles`). Absent: only SIGTERM asks for it. */
  drainFolder: 'HEDDLE_DRAIN_FOLDER',
  /** Log level. The operator does not set it; it is for a function that is started by hand. */
  logLevel: 'HEDDLE_LOG_LEVEL',
  /** Only custom functions: the interfaces that its chains use, separated by a space. */
  interfaces: 'HEDDLE_INTERFACES',
  /** Only custom functions: a hash of the spec fields from which the pod was made (`custom-template.ts`). */
  template: 'HEDDLE_TEMPLATE',
} as const;

/**
 * Files by which the preStop hook and the program of one container speak. A signal would be lost, or end the program,
 * in the moments before the program handles it.
 */
export const drainFiles = {
  /** The hook makes it again and again: the program shall drain. */
  asked: 'heddle-drain',
  /** The program makes it when it has drained. */
  done: 'heddle-drained',
} as const;

/** Header with the uid of the function's object, in the request of the preStop hook to `/drained`. */
export const drainHeader = 'heddle-function-uid';
