// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type WithConditions, waitForCondition } from '../../../tools/cluster/conditions.ts';
import { apply, get, kubectl } from '../../../tools/cluster/kubectl.ts';
import { eventually } from '../../../tools/cluster/wait.ts';

export const WEB = '10.20.0.10';
export const LAPTOP = '10.99.0.10';
export const CONTRACTOR = '10.99.0.20';

export interface Secret {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly data: Readonly<Record<string, string>>;
}

export interface Peer extends WithConditions {
  readonly status?: WithConditions['status'] & {
    readonly addresses?: readonly string[];
    readonly connected?: boolean;
    readonly lastHandshake?: string;
    readonly endpoint?: string;
    readonly rxBytes?: number;
    readonly txBytes?: number;
  };
}

export interface Vpn extends WithConditions {
  readonly status?: WithConditions['status'] & { readonly active?: string; readonly connected?: number };
}

/** Applies the example unchanged in a namespace of the test. */
export async function applyExample(namespace: string, edit: (text: string) => string = (text) => text) {
  const file = resolve(import.meta.dirname, '../../../examples/vpn/vpn.yaml');
  await apply(edit(readFileSync(file, 'utf8')), namespace);
  await kubectl(['rollout', 'status', 'deployment/web', '--timeout=120s'], { namespace, timeoutMs: 130_000 });
  await waitForCondition({ kind: 'vpn', name: 'branch', namespace }, 'Ready', { timeoutMs: 120_000 });
  await waitForCondition({ kind: 'servicechain', name: 'remote', namespace }, 'Ready', { timeoutMs: 60_000 });
  await waitForPeer('laptop', namespace);
}

export async function waitForPeer(name: string, namespace: string): Promise<void> {
  await waitForCondition({ kind: 'vpnpeer', name, namespace }, 'Ready', { timeoutMs: 60_000 });
}

export async function patch(kind: string, name: string, namespace: string, spec: object): Promise<void> {
  await kubectl(['patch', kind, name, '--type=merge', '-p', JSON.stringify({ spec })], { namespace });
}

/** The content of a Secret, as text. */
export async function readSecret(name: string, namespace: string): Promise<Readonly<Record<string, string>>> {
  const { data } = await get<Secret>('secret', name, namespace);
  return Object.fromEntries(Object.entries(data).map(([entry, text]) => [entry, decode(text)]));
}

/** The config file of a peer, exactly as in its Secret. */
export async function fileOf(peer: string, namespace: string): Promise<string> {
  return eventually(`the file of ${peer}`, async () => {
    return (await readSecret(`heddle-vpnpeer-${peer}`, namespace))['wg0.conf'];
  });
}

export function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
