import { type LogLevel, logLevels } from '../../kube/base/log.ts';

/** What the operator tells a function's pod; see docs/architecture.md. */
export interface Environment {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly pod: string;
  /** Where health, metrics and the report are served. */
  readonly port: number;
  /** Name of the ConfigMap with the pods that the operator found for the selectors of the spec. */
  readonly selectedPods: string;
  readonly logLevel: LogLevel;
}

/** Pure: the environment of a process as values; what is missing is named. */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const need = (name: string): string => {
    const value = variables[name];
    if (!value) throw new Error(`environment variable ${name} is missing; the operator sets it on the pod`);
    return value;
  };
  const port = Number(need('HEDDLE_PORT'));
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new Error(`HEDDLE_PORT is "${variables.HEDDLE_PORT}"; it must be a port from 1 to 65535`);
  }
  const wanted = variables.HEDDLE_LOG_LEVEL ?? 'info';
  const logLevel = logLevels.find((level) => level === wanted);
  if (!logLevel) {
    throw new Error(`HEDDLE_LOG_LEVEL is "${wanted}"; it must be one of ${logLevels.join(', ')}`);
  }
  return {
    kind: need('HEDDLE_KIND'),
    namespace: need('HEDDLE_NAMESPACE'),
    name: need('HEDDLE_NAME'),
    pod: need('HEDDLE_POD'),
    port,
    selectedPods: need('HEDDLE_PEERS'),
    logLevel,
  };
}
