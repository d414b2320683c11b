// SPDX-License-Identifier: Apache-2.0
import { functionVariables } from '../../api/function-environment.ts';
import { type LogLevel, logLevels } from '../../kube/base/log.ts';

/** The environment variables that the operator sets in a function's pod; see docs/architecture.md. */
export interface Environment {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly pod: string;
  /** The port that serves health, metrics and the report. */
  readonly port: number;
  /** Name of the ConfigMap with the pods that the operator found for the selectors of the spec. */
  readonly selectedPods: string;
  /** File with the key of reports. */
  readonly reportKey: string | undefined;
  /** Folder in which the preStop hook asks for the drain. */
  readonly drainFolder: string | undefined;
  readonly logLevel: LogLevel;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Pure: parses the environment of a process. The error names a variable that is missing. */
export function parseEnvironment(variables: Variables): Environment {
  const need = (name: string): string => {
    const value = variables[name];
    if (!value) throw new Error(`environment variable ${name} is missing; the operator sets it on the pod`);
    return value;
  };
  return {
    kind: need(functionVariables.kind),
    namespace: need(functionVariables.namespace),
    name: need(functionVariables.name),
    pod: need(functionVariables.pod),
    port: parsePort(need(functionVariables.port)),
    selectedPods: need(functionVariables.peers),
    reportKey: variables[functionVariables.reportKey] || undefined,
    drainFolder: variables[functionVariables.drainFolder] || undefined,
    logLevel: parseLogLevel(variables[functionVariables.logLevel] ?? 'info'),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`${functionVariables.port} is "${text}"; it must be a port from 1 to 65535`);
  }
  return port;
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((each) => each === text);
  if (!level) {
    throw new Error(`${functionVariables.logLevel} is "${text}"; it must be one of ${logLevels.join(', ')}`);
  }
  return level;
}
