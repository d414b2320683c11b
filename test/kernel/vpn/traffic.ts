// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { Conversation, inside, NODE } from './shell.ts';

const TALK = join(import.meta.dirname, 'talk.ts');
export const PORT = 8080;

function talk(namespace: string, ...args: readonly string[]): Conversation {
  return new Conversation(['ip', 'netns', 'exec', namespace, NODE, TALK, ...args]);
}

/** A server in a namespace. It ends with the namespace. */
export async function serve(namespace: string, port = PORT): Promise<void> {
  await talk(namespace, 'serve', String(port)).next();
}

/** Opens a connection that stays. `echo` reports whether a text that is sent on it now comes back. */
export async function hold(namespace: string, host: string): Promise<{ echo(): Promise<string> }> {
  const conversation = talk(namespace, 'hold', host, String(PORT));
  const first = await conversation.next();
  if (first !== 'connected') throw new Error(`${namespace} to ${host}: ${first}`);
  let said = 0;
  return {
    echo: () => {
      said += 1;
      return conversation.ask(`line ${said}`);
    },
  };
}

/** Downloads; returns how many bytes came, and in which time. */
export async function download(
  namespace: string,
  host: string,
  bytes: number,
): Promise<{ readonly got: number; readonly ms: number }> {
  const text = await inside(namespace, NODE, TALK, 'fetch', host, String(PORT), String(bytes)).catch(
    (error: { readonly stdout?: string }) => error.stdout ?? '{"got": 0}',
  );
  return JSON.parse(text) as { got: number; ms: number };
}

/** Whether an address answers a ping from a namespace; `how` adds options of ping. */
export async function reaches(namespace: string, host: string, ...how: readonly string[]): Promise<boolean> {
  try {
    await inside(namespace, 'ping', '-c', '1', '-W', '1', ...how, host);
    return true;
  } catch {
    return false;
  }
}
