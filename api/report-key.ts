// SPDX-License-Identifier: Apache-2.0
import { objectNameOf } from './function-names.ts';

/**
 * The key that the operator and the instances of one function or VPN share: with it each proves itself to the other
 * (TLS with a pre-shared key, RFC 4279), so that only the operator gets reports, and only from these instances.
 */
export const reportKeys = {
  /** Entry of the Secret with the key, in hexadecimal; also the name of the mounted file. */
  entry: 'psk',
  /** Directory of the Secret in the program's container. */
  directory: '/etc/heddle/report',
  /** Identity of the operator in the handshake. */
  identity: 'heddle-operator',
  /** Length in bytes. */
  length: 32,
} as const;

/** Options of TLS at both ends. Only this suite: forward secrecy, authenticated encryption, no certificates. */
export const reportTls = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** How an instance is asked: with the key; or without one, if it is of the release before, which had none. */
export type ReportChannel = { readonly kind: 'Key'; readonly key: Buffer } | { readonly kind: 'Former' };

/** Name of the Secret with the key of a workload. */
export function reportKeyNameOf(kind: string, name: string): string {
  return `${objectNameOf(kind, name)}-report`;
}

/** The key in a text; undefined when it is none. */
export function parseReportKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  const isKey = trimmed.length === 2 * reportKeys.length && /^[0-9a-f]+$/.test(trimmed);
  return isKey ? Buffer.from(trimmed, 'hex') : undefined;
}
