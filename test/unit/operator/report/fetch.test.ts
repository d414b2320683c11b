// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allow } from '../../../../operator/report/allowance.ts';
import { Budget } from '../../../../operator/report/budget.ts';
import { readPage } from '../../../../operator/report/client.ts';
import { parseReport } from '../../../../operator/report/parse.ts';

const MIB = 1024 * 1024;
/** What a socket may hold beyond the limit when it is closed. */
const SLACK = MIB;
/** The operator asks every half second. */
const ROUNDS = 6;
/** Rules of the firewall that the pods play. */
const RULES = 10;

const rule = { name: 'a', packets: 1, bytes: 1 };
const report = { generation: 1, inputs: '', error: null, logged: 0 };
const pages: Readonly<Record<string, string>> = {
  '/one-text': JSON.stringify({ ...report, inputs: 'x'.repeat(8 * MIB) }),
  '/many-rules': JSON.stringify({ ...report, rules: Array.from({ length: 180_000 }, () => rule) }),
  '/no-end': `[${'['.repeat(8 * MIB)}`,
};
let servers: readonly Server[];
beforeAll(async () => {
  servers = Object.keys(pages).map(() =>
    createServer((request, response) => void response.end(pages[request.url ?? ''])).listen(0, '127.0.0.1'),
  );
  await Promise.all(servers.map((server) => once(server, 'listening')));
});
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function ask(path: string, port: number, mostBytes: number, spend: (bytes: number) => void) {
  const signal = AbortSignal.timeout(60_000);
  const page = { ip: '127.0.0.1', port, path, channel: { kind: 'Former' } as const };
  return parseReport(await readPage({ ...page, mostBytes, signal, spend }), allow(RULES));
}

// security.md: tenant-floods-operator
test('three pods that answer with 8 MiB, cost what their firewall may report and no more', async () => {
  let now = 0;
  let spent = 0;
  let asked = 0;
  const budget = new Budget({ monotonic: () => now });
  const { bytes } = allow(RULES);
  for (; now < ROUNDS * 500; now += 500) {
    const round = budget.begin('shop');
    if (!round) continue;
    const paths = Object.keys(pages);
    const answers = await Promise.allSettled(
      paths.map((path, index) =>
        ask(path, (servers[index]!.address() as AddressInfo).port, bytes, (part) => {
          spent += part;
          round.spend(part);
        }),
      ),
    );
    round.end();
    asked += answers.length;
    for (const { status } of answers) expect(status).toBe('rejected');
  }
  expect(asked).toBeGreaterThan(0);
  expect(spent).toBeLessThanOrEqual(asked * (bytes + SLACK));
}, 120_000);

test('a report of 8 MiB that its object allows is read, as often as the budget of its namespace allows', async () => {
  let now = 0;
  let rounds = 0;
  const budget = new Budget({ monotonic: () => now });
  const name = 'r'.repeat(700);
  const rules = Array.from({ length: 10_000 }, (_, i) => ({ ...rule, name: `${name}${i}` }));
  const text = JSON.stringify({ ...report, rules });
  expect(text.length).toBeGreaterThan(7 * MIB);
  for (; now < 60_000; now += 500) {
    const round = budget.begin('shop');
    if (!round) continue;
    round.spend(text.length);
    round.end();
    rounds += 1;
  }
  expect(rounds * text.length).toBeLessThan(60 * 4 * MIB + 32 * MIB + text.length);
  // Another namespace is asked as ever.
  expect(budget.begin('other')).toBeDefined();
});
