// SPDX-License-Identifier: Apache-2.0
import { exec } from '../../tools/cluster/kubectl.ts';
import { CONNECTIONS, type Kind, type Lane, PORT } from './lanes.ts';
import { CLIENT } from './objects.ts';

/** The output of image/client.c. */
export interface Answer {
  readonly answers: number;
  /** Connections that broke or were refused. */
  readonly failures: number;
  readonly seconds: number;
  /** CPU time of the whole machine. */
  readonly cpuSeconds: number;
}

export interface Question {
  readonly namespace: string;
  readonly lane: Lane;
  readonly kind: Kind;
  readonly milliseconds: number;
}

/** Runs the client in its pod. The client measures itself, so that kubectl's work is not in the figures. */
export async function askFromPod({ namespace, lane, kind, milliseconds }: Question): Promise<Answer> {
  const plan = [kind, lane.address, PORT, CONNECTIONS, milliseconds].map(String);
  const reply = await exec(CLIENT, ['ends', 'ask', ...plan], { namespace });
  if (reply.code !== 0) throw new Error(`${lane.build}: ${reply.stderr}`);
  return JSON.parse(reply.stdout) as Answer;
}
