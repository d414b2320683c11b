// SPDX-License-Identifier: Apache-2.0
import { exec } from '../../tools/cluster/kubectl.ts';
import { CONNECTIONS, type Kind, type Lane, PORT } from './lanes.ts';
import { CLIENT } from './objects.ts';

/** What image/client.c prints. */
export interface Answer {
  readonly answers: number;
  /** Connections that broke or were refused. */
  readonly failures: number;
  readonly seconds: number;
  /** Of the whole machine. */
  readonly cpuSeconds: number;
}

export interface Question {
  readonly namespace: string;
  readonly lane: Lane;
  readonly kind: Kind;
  readonly milliseconds: number;
}

/** Has the client ask; it counts for itself, so that nothing of kubectl is in the figures. */
export async function askFromPod({ namespace, lane, kind, milliseconds }: Question): Promise<Answer> {
  const plan = [kind, lane.address, PORT, CONNECTIONS, milliseconds].map(String);
  const reply = await exec(CLIENT, ['ends', 'ask', ...plan], { namespace });
  if (reply.code !== 0) throw new Error(`${lane.build}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as Answer;
}
