// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { renderTime } from '../../../api/conditions.ts';

/**
 * The mark on a peer's Secret that its file is another one than its holder may have. It stays until somebody removes it,
 * the file is again as it was, or a handshake proves that the peer has the new one.
 */
export interface FileMark {
  /** When the file changed first. */
  readonly at: string;
  /** The entries of the file that changed, such as `Address`. */
  readonly entries: readonly string[];
  /** Hash of the file before. */
  readonly before: string;
}

/** Without the new values of these, a peer cannot send any more. */
const VITAL: readonly string[] = ['Address', 'PrivateKey', 'PublicKey', 'PresharedKey', 'Endpoint'];
/** No handshake succeeds with former values of these. */
const KEYS: readonly string[] = ['PrivateKey', 'PublicKey', 'PresharedKey'];
/** Time in which a gateway may still know the former keys. */
const GRACE_MS = 60_000;

export interface MarkInput {
  /** The file in the Secret; undefined when it has none. */
  readonly stored: string | undefined;
  readonly mark: FileMark | undefined;
  readonly file: string | undefined;
  /** The endpoint follows the active gateway, so it is no news. */
  readonly endpointFollows: boolean;
  /** Time of the peer's last handshake. Where there is one, the peer has a file for certain. */
  readonly lastHandshake: string | undefined;
  readonly now: Date;
}

/** The mark of a peer's file now. */
export function markOf(input: MarkInput): FileMark | undefined {
  const { stored, mark, file } = input;
  if (file === undefined || stored === undefined) return mark;
  const changed = changedEntries(input);
  const before = mark?.before ?? (changed.length > 0 ? hashOf(stored, input) : undefined);
  if (before === undefined || before === hashOf(file, input)) return undefined;
  if (mark && changed.length === 0 && provesNewKeys(mark, input)) return undefined;
  const entries = [...new Set([...(mark?.entries ?? []), ...changed])].sort();
  return { at: mark?.at ?? renderTime(input.now), entries, before };
}

/**
 * Entries whose former value may be in use. Where a peer has never connected, a file that was given away counts only
 * when it is worth nothing now: the rest is settled while a new VPN starts.
 */
function changedEntries(input: MarkInput): readonly string[] {
  const [old, now] = [entriesOf(input.stored ?? '', input), entriesOf(input.file ?? '', input)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => {
    const isVital = VITAL.includes(name) && name !== 'Endpoint';
    return old.get(name) !== now.get(name) && (input.lastHandshake !== undefined || isVital);
  });
}

function provesNewKeys({ at, entries }: FileMark, { lastHandshake }: MarkInput): boolean {
  if (lastHandshake === undefined || !entries.some((name) => KEYS.includes(name))) return false;
  return Date.parse(lastHandshake) > Date.parse(at) + GRACE_MS;
}

/** The entries of a file of wg-quick by name; comments are no entries. */
function entriesOf(file: string, { endpointFollows }: MarkInput): ReadonlyMap<string, string> {
  const entries = file.split('\n').flatMap((line): [string, string][] => {
    const [, name, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return [];
    return endpointFollows && name === 'Endpoint' ? [] : [[name, value]];
  });
  return new Map(entries);
}

function hashOf(file: string, input: MarkInput): string {
  const text = JSON.stringify([...entriesOf(file, input)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** As the value of an annotation. */
export function formatMark({ at, entries, before }: FileMark): string {
  return `${at} ${entries.join(',')} ${before}`;
}

/** Reads an annotation; undefined when there is none or a person wrote something else. */
export function parseMark(text: string | undefined): FileMark | undefined {
  const [, at, entries, before] = /^(\S{20}) ([A-Za-z,]+) ([0-9a-f]{16})$/.exec(text ?? '') ?? [];
  if (at === undefined || entries === undefined || before === undefined) return undefined;
  return Number.isNaN(Date.parse(at)) ? undefined : { at, entries: entries.split(','), before };
}

/** Whether a file from before the change is worth nothing. */
export function isDead({ entries }: FileMark): boolean {
  return entries.some((name) => VITAL.includes(name));
}
