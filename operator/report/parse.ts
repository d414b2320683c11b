// SPDX-License-Identifier: Apache-2.0
import type { BackendReport, InstanceReport, ReportedState, RuleCount } from '../../api/report.ts';

/** The answer of an instance is not a valid `/report`. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Parses an instance's report. Any invalid field makes the whole report invalid. */
export function parseReport(text: string): InstanceReport {
  const value = parseJson(text);
  return {
    ...parseState(value),
    // Fields that only some kinds report.
    rules: value.rules === undefined ? [] : asList(value.rules, 'rules').map(parseRule),
    logged: value.logged === undefined ? 0 : asNumber(value.logged, 'logged'),
    ...(value.backends !== undefined && { backends: asList(value.backends, 'backends').map(parseBackend) }),
  };
}

/** Parses the fields that every report has. */
export function parseState(value: Readonly<Record<string, unknown>>): ReportedState {
  const error = value.error === null || value.error === undefined ? null : asObject(value.error, 'error');
  return {
    generation: asNumber(value.generation, 'generation'),
    inputs: asText(value.inputs, 'inputs'),
    error: error && {
      field: asText(error.field, 'error.field'),
      message: asText(error.message, 'error.message'),
    },
  };
}

function parseRule(value: unknown, index: number): RuleCount {
  const rule = asObject(value, `rules[${index}]`);
  return {
    name: asText(rule.name, `rules[${index}].name`),
    packets: asNumber(rule.packets, `rules[${index}].packets`),
    bytes: asNumber(rule.bytes, `rules[${index}].bytes`),
  };
}

function parseBackend(value: unknown, index: number): BackendReport {
  const at = `backends[${index}]`;
  const backend = asObject(value, at);
  const optional = (name: 'pod' | 'since' | 'message') =>
    backend[name] === undefined ? {} : { [name]: asText(backend[name], `${at}.${name}`) };
  if (typeof backend.healthy !== 'boolean') throw new ReportError(`${at}.healthy is neither true nor false`);
  return {
    address: asText(backend.address, `${at}.address`),
    weight: asNumber(backend.weight, `${at}.weight`),
    healthy: backend.healthy,
    reason: asText(backend.reason, `${at}.reason`),
    ...optional('pod'),
    ...optional('since'),
    ...optional('message'),
  };
}

export function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text), 'the report');
  } catch (error) {
    if (error instanceof ReportError) throw error;
    throw new ReportError('the report is not JSON');
  }
}

export function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ReportError(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

export function asList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new ReportError(`${what} is not a list`);
  return value;
}

export function asText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new ReportError(`${what} is not a text`);
  return value;
}

export function asNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new ReportError(`${what} is not a number from 0 on`);
  }
  return value;
}
