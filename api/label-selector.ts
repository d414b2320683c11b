// SPDX-License-Identifier: Apache-2.0
import type { LabelSelector, LabelSelectorRequirement } from './generated/types.ts';
import { quote } from './net/address.ts';
import type { Parsed } from './parsed.ts';

const MOST_CHARACTERS = 4096;
const MOST_REQUIREMENTS = 64;

const KEY =
  /^(?:(?<domain>[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Parses a label selector in the text form of Kubernetes, as `kubectl get -l` takes it: `app=web,tier in (a,b),!old`.
 * An empty text is refused, because it would select everything.
 */
export function parseLabelSelector(text: string): Parsed<LabelSelector> {
  if (text.length > MOST_CHARACTERS) return refuse(`is longer than ${MOST_CHARACTERS} characters`);
  if (text.trim() === '') return refuse('is empty; name the pods by their labels, such as app=web');
  // At commas that are not between parentheses.
  const parts = text.split(/,(?![^()]*\))/);
  if (parts.length > MOST_REQUIREMENTS) return refuse(`has more than ${MOST_REQUIREMENTS} requirements`);
  const matchExpressions: LabelSelectorRequirement[] = [];
  for (const part of parts) {
    const requirement = parseRequirement(part.trim());
    if (typeof requirement === 'string') return refuse(requirement);
    matchExpressions.push(requirement);
  }
  return { ok: true, value: { matchExpressions } };
}

/** A requirement, or what is wrong with its text. */
function parseRequirement(text: string): LabelSelectorRequirement | string {
  const read = readSet(text) ?? readEquality(text) ?? readExistence(text);
  const { key, values = [] } = read;
  if (!KEY.test(key)) {
    return `${quote(text)} is no requirement such as app=web, app!=web, app in (web,api), app notin (web), app or !app`;
  }
  const wrong = values.find((value) => !VALUE.test(value));
  return wrong === undefined ? read : `${quote(wrong)} cannot be the value of a label`;
}

function readSet(text: string): LabelSelectorRequirement | undefined {
  const groups = /^(?<key>[^\s!=<>(),]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/.exec(text)?.groups;
  if (!groups) return undefined;
  const values = (groups.values ?? '').split(',').map((value) => value.trim());
  return { key: groups.key ?? '', operator: groups.operator === 'in' ? 'In' : 'NotIn', values };
}

function readEquality(text: string): LabelSelectorRequirement | undefined {
  const groups = /^(?<key>[^\s!=<>(),]+)\s*(?<operator>==?|!=)\s*(?<value>[^\s!=<>(),]*)$/.exec(text)?.groups;
  if (!groups) return undefined;
  const operator = groups.operator === '!=' ? 'NotIn' : 'In';
  return { key: groups.key ?? '', operator, values: [groups.value ?? ''] };
}

function readExistence(text: string): LabelSelectorRequirement {
  const isNegated = text.startsWith('!');
  const key = isNegated ? text.slice(1).trim() : text;
  return { key, operator: isNegated ? 'DoesNotExist' : 'Exists' };
}

function refuse(message: string): { readonly ok: false; readonly complaint: { readonly message: string } } {
  return { ok: false, complaint: { message } };
}
