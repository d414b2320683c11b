// SPDX-License-Identifier: Apache-2.0
import { giveWay } from '../traffic/precedence.ts';
import { podClientCommand } from '../traffic/program.ts';
import type { TrafficPlan, TrafficResult } from '../traffic/result.ts';
import { exec } from './kubectl.ts';
import { eventually } from './wait.ts';

const OUTPUT = '/tmp/traffic.json';
const ERRORS = '/tmp/traffic.errors';
const PID = '/tmp/traffic.pid';

export interface PodTraffic {
  /** Stops the traffic and returns its result. */
  end(): Promise<TrafficResult>;
  /** Returns the result of traffic that ends by itself. */
  result(): Promise<TrafficResult>;
}

/**
 * Starts traffic in a pod. When it returns, all of the traffic runs, unless it ends by itself. No connection to the API
 * server is needed while the traffic runs. A pod has only one traffic at a time.
 */
export async function startPodTraffic(
  where: { readonly pod: string; readonly namespace: string },
  plan: TrafficPlan,
): Promise<PodTraffic> {
  const { pod, namespace } = where;
  const run = async (command: readonly string[]): Promise<string> => {
    const reply = await exec(pod, command, { namespace });
    if (reply.code !== 0) throw new Error(`in ${namespace}/${pod}: ${reply.stderr}`);
    return reply.stdout;
  };
  const background = `"$@" > ${OUTPUT} 2> ${ERRORS} < /dev/null & echo $! > ${PID}`;
  await run(['sh', '-c', background, 'sh', ...podClientCommand(plan)]);
  // This has an effect on a cluster of this machine only; elsewhere it finds no process.
  await giveWay(plan.name);
  if (plan.seconds === undefined) {
    const isSettled = async () => (await run(['cat', ERRORS])).includes('settled');
    await eventually('all flows of the traffic run', isSettled);
  }
  const result = () =>
    eventually(
      'the traffic has a result',
      async () => {
        const text = await run(['cat', OUTPUT]);
        if (text === '') throw new Error(`no result: ${await run(['cat', ERRORS])}`);
        return JSON.parse(text) as TrafficResult;
      },
      { timeoutMs: 30_000 },
    );
  return {
    result,
    end: async () => {
      await run(['sh', '-c', `kill -TERM $(cat ${PID})`]);
      return result();
    },
  };
}
