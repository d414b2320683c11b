// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from '../../api/net/address.ts';
import type { BackendReport, InstanceReport, ReportedState, RuleCount } from '../../api/report.ts';
import { type Allowance, limitText, MOST_MESSAGE, MOST_TEXT } from './allowance.ts';

/** Sets that a firewall may have, by its schema. */
const MOST_LISTS = 64;
/** Limits of fields in the schema of LoadBalancer. */
const MOST_INT32 = 2 ** 31 - 1;
const MOST_REASON = 64;
const MOST_POD = 317;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

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
    ...(value.lists !== undefined && {
      lists: asList(value.lists, 'lists', MOST_LISTS).map((name, i) => asText(name, `lists[${i}]`)),
    }),
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
  const optional = (name: 'pod' | 'message', most = MOST_TEXT) =>
    backend[name] === undefined ? {} : { [name]: asText(backend[name], `${at}.${name}`, most) };
  if (typeof backend.healthy !== 'boolean') throw new ReportError(`${at}.healthy is neither true nor false`);
  const address = asText(backend.address, `${at}.address`);
  if (!tryParseAddress(address)) throw new ReportError(`${at}.address is not an address`);
  return {
    address,
    weight: asNumber(backend.weight, `${at}.weight`, MOST_INT32),
    healthy: backend.healthy,
    reason: asText(backend.reason, `${at}.reason`, MOST_REASON),
    ...optional('pod', MOST_POD),
    ...(backend.since !== undefined && { since: asTime(backend.since, `${at}.since`) }),
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

/** A whole number: statuses have no others, and the API server would refuse the whole status. */
export function asNumber(value: unknown, what: string, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) {
    throw new ReportError(`${what} is not a whole number from 0 to ${most}`);
  }
  return value === 0 ? 0 : value; // -0 is 0
}

/** A time of RFC 3339 in UTC, as the API server takes it. */
function asTime(value: unknown, what: string): string {
  const text = asText(value, what);
  if (!TIME.test(text) || Number.isNaN(Date.parse(text))) throw new ReportError(`${what} is not a time`);
  return text;
}
