// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from '../../api/net/address.ts';
import type { BackendReport, InstanceReport, ReportedState, RuleCount } from '../../api/report.ts';
import { type Allowance, limitText, MOST_MESSAGE, MOST_TEXT } from './allowance.ts';

/** The answer of an instance is not a valid `/report`. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/**
 * Parses an instance's report. Any invalid field makes the whole report invalid, and so does a longer list than is
 * allowed. No text in the result contains control characters.
 */
export function parseReport(text: string, allowance: Allowance): InstanceReport {
  const value = parseJson(text);
  const list = (name: 'rules' | 'backends') => asList(value[name], name, allowance.entries);
  return {
    ...parseState(value),
    // Fields that only some kinds report.
    rules: value.rules === undefined ? [] : onlyNamed(list('rules').map(parseRule), allowance),
    logged: value.logged === undefined ? 0 : asNumber(value.logged, 'logged'),
    ...(value.backends !== undefined && { backends: list('backends').map(parseBackend) }),
  };
}

/** The entries that have a name of the object's, each name once. */
export function onlyNamed<T extends { readonly name: string }>(
  entries: readonly T[],
  { names }: Allowance,
): readonly T[] {
  const known = names ? entries.filter(({ name }) => names.has(name)) : entries;
  return [...new Map(known.map((entry) => [entry.name, entry])).values()];
}

/** Parses the fields that every report has. */
export function parseState(value: Readonly<Record<string, unknown>>): ReportedState {
  const error = value.error === null || value.error === undefined ? null : asObject(value.error, 'error');
  return {
    generation: asNumber(value.generation, 'generation'),
    inputs: asText(value.inputs, 'inputs'),
    error: error && {
      field: asText(error.field, 'error.field'),
      message: asText(error.message, 'error.message', MOST_MESSAGE),
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
  const address = asText(backend.address, `${at}.address`);
  if (!tryParseAddress(address)) throw new ReportError(`${at}.address is not an address`);
  return {
    address,
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

export function asList(value: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw new ReportError(`${what} is not a list`);
  if (value.length > most) throw new ReportError(`${what} has more than ${most} entries`);
  return value;
}

/** A text without control characters, cut after `most` characters. */
export function asText(value: unknown, what: string, most = MOST_TEXT): string {
  if (typeof value !== 'string') throw new ReportError(`${what} is not a text`);
  return limitText(value, most);
}

export function asNumber(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new ReportError(`${what} is not a number from 0 on`);
  }
  return value;
}
