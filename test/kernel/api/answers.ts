// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { execa } from 'execa';
import type { ApiServer } from '../firewall/api-server.ts';

/** An object that is created in a namespace. */
export interface Created {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly spec?: unknown;
}

/** A request of `send.ts`. */
export interface Sent {
  readonly path: string;
  readonly body: object;
  /** Who sends it, if not the administrator. */
  readonly user?: string | undefined;
}

export interface Answer {
  readonly status: number;
  /** Why the API server refuses the object. */
  readonly message: string;
}

/** What the API server says to an object that it takes. */
export const ACCEPTED = 'accepted';

interface Sender {
  readonly namespace: string;
  readonly user?: string;
  /** Whether the objects stay; otherwise the API server judges them only. */
  readonly keep?: boolean;
}

/** Creates objects one after the other; returns for each what the API server says. */
export async function createAll(
  { netns, token }: Pick<ApiServer, 'netns' | 'token'>,
  objects: readonly Created[],
  { namespace, user, keep = false }: Sender,
): Promise<readonly string[]> {
  const query = `fieldValidation=Strict${keep ? '' : '&dryRun=All'}`;
  const sent = objects.map((body): Sent => {
    const group = body.apiVersion.includes('/') ? `/apis/${body.apiVersion}` : `/api/${body.apiVersion}`;
    const path = `${group}/namespaces/${namespace}/${body.kind.toLowerCase()}s?${query}`;
    return { path, body, user };
  });
  const program = [process.execPath, join(import.meta.dirname, 'send.ts')];
  const { stdout } = await execa('ip', ['netns', 'exec', netns, ...program], {
    input: JSON.stringify(sent),
    env: { TOKEN: token },
  });
  const answers = JSON.parse(stdout) as readonly Answer[];
  return answers.map(({ status, message }) => (status === 201 ? ACCEPTED : message));
}
