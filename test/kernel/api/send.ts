// SPDX-License-Identifier: Apache-2.0
/**
 * A program that sends objects to an API server on loopback: a list of `Sent` on standard input, a list of answers on
 * standard output. Tests start it in the network namespace of their API server; kubectl would take a process for each,
 * and validates by itself what the server shall validate.
 */
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Answer, Sent } from './answers.ts';

const token = process.env.TOKEN ?? '';

function send({ path, body, user }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(user ? { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' } : {}),
    };
    const options = {
      host: '127.0.0.1',
      port: 6443,
      path,
      method: 'POST',
      headers,
      rejectUnauthorized: false,
    };
    const sent = request(options, async (reply) => {
      const { message = '' } = JSON.parse(await text(reply)) as { readonly message?: string };
      resolve({ status: reply.statusCode ?? 0, message });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

const answers: Answer[] = [];
for (const each of JSON.parse(await text(process.stdin)) as readonly Sent[]) answers.push(await send(each));
process.stdout.write(JSON.stringify(answers));
