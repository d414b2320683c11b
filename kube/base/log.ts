// SPDX-License-Identifier: Apache-2.0
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Log levels, from the most to the fewest messages. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields whose values must not be logged, at the first levels of a logged object. */
const SECRET_FIELDS = [
  'token',
  'password',
  'privateKey',
  'presharedKey',
  'authorization',
  'Authorization',
  'cookie',
];
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => [
  field,
  `*.${field}`,
  `*.*.${field}`,
  `*.*.*.${field}`,
]);

export interface LogOptions {
  /** Name of the program: `operator`, `agent`, `firewall`. */
  readonly name: string;
  readonly level?: LogLevel;
  /** Destination of the lines; standard output when absent. */
  readonly destination?: { write(line: string): void };
}

/** Creates a JSON logger: one object for each line, time as ISO 8601, secrets replaced. */
export function createLogger(options: LogOptions): Logger {
  const settings = {
    name: options.name,
    level: options.level ?? 'info',
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
    redact: { paths: SECRET_PATHS, censor: '(secret)' },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
