// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { clientCommand, serverCommand } from '../../../../tools/traffic/program.ts';
import type { TrafficResult } from '../../../../tools/traffic/result.ts';

const NAME = `unit-${process.pid}`;
const PLAN = { name: NAME, address: '127.0.0.1', datagramFlows: 2, connections: 20, newPerSecond: 20 };
const PORT = 20_000 + (process.pid % 10_000);

const stops: (() => Promise<unknown>)[] = [];
const start = ([program, ...args]: readonly string[]) => {
  const child = execa(program!, args, { reject: false });
  stops.push(() => {
    child.kill('SIGKILL');
    return child;
  });
  return child;
};
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

test('says when all of it runs, and ends as soon as everything is back', async () => {
  const server = start(serverCommand(PORT, NAME));
  await new Promise((resolve) => server.stdout?.once('data', resolve));
  const client = start(clientCommand({ ...PLAN, port: PORT }));
  await new Promise((resolve) => client.stderr?.once('data', resolve));
  client.kill('SIGTERM');
  const { stdout, stderr } = await client;
  expect(stderr).toBe('settled');
  const { udp, tcp, fresh } = JSON.parse(String(stdout)) as TrafficResult;
  expect(udp).toMatchObject({ lost: 0, gaps: [] });
  expect(tcp).toMatchObject({ opened: 20, broken: [], unanswered: 0 });
  expect(tcp.answers).toBeGreaterThanOrEqual(20);
  expect(fresh.failed).toEqual([]);
});
