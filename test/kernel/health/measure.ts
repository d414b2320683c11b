// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bed, FAR, MEMBERS, NEAR } from './bed.ts';
import type { Failure } from './failures.ts';
import { type FlowLoss, Flows, SPACING_MS } from './flows.ts';

/** Enough flows that some use every instance. */
const FLOWS_EACH = 12;
/** The time until flows are established and their paths are known. */
const WARM_UP_MS = 250;
const NAMES = MEMBERS.map(({ name }) => name);

export interface Outage {
  /** The loss of the flow that lost most, as time. */
  readonly lostMs: number;
  /** How long the sender itself had to wait meanwhile: on a machine that is busy with other work, all figures grow. */
  readonly lagMs: number;
  /** Number of flows that used the failed part. */
  readonly victims: number;
  /** The largest loss of any flow that did not use the failed part. */
  readonly bystandersLostMs: number;
  /** The loss while the failed part came back. */
  readonly returnLostMs: number;
  /** Number of flows that moved when the failed part came back. */
  readonly movedByReturn: number;
}

let nextPort = 10_000;

/** Makes a part fail while flows use it, and repairs it. */
export async function measureOutage(bed: Bed, failure: Failure): Promise<Outage> {
  await failure.prepare?.(bed);
  const firstPort = nextPort;
  nextPort = firstPort + 2 * FLOWS_EACH > 60_000 ? 10_000 : firstPort + 2 * FLOWS_EACH;
  const from = bed.client;
  // Flows to a server on the failed node cannot survive.
  const toFar = failure.name === 'node vanished' ? [] : [FAR];
  const flows = await Promise.all(
    [...toFar, NEAR].map((address, index) =>
      Flows.start({ from, address, firstPort: firstPort + index * FLOWS_EACH, count: FLOWS_EACH }),
    ),
  );
  const lossesSince = async (times: readonly number[]) =>
    (await Promise.all(flows.map((each, index) => each.losses(times[index]!)))).flat();
  const now = () => Promise.all(flows.map((each) => each.now()));
  try {
    await sleep(WARM_UP_MS);
    const before = await bed.placements(NAMES);
    const failedAt = await now();
    await failure.fail(bed);
    await sleep(failure.limitMs * 2);
    const losses = await lossesSince(failedAt);
    const isVictim = ({ port }: FlowLoss) => failure.victims.includes(before.get(port) ?? '');
    const alive = NAMES.filter((name) => !failure.victims.includes(name));
    const moved = await bed.placements(alive);
    const mendedAt = await now();
    await failure.mend(bed);
    const after = await bed.placements(NAMES);
    const returned = await lossesSince(mendedAt);
    return {
      lostMs: Math.round(lostMs(losses)),
      lagMs: Math.round(Math.max(...losses.map(({ lagMs }) => lagMs)) - SPACING_MS),
      victims: losses.filter(isVictim).length,
      bystandersLostMs: lostMs(losses.filter((loss) => !isVictim(loss))),
      returnLostMs: lostMs(returned),
      movedByReturn: [...moved].filter(([port, name]) => after.get(port) !== name).length,
    };
  } finally {
    for (const each of flows) each.stop();
  }
}

/** The loss as time: packets times their spacing, or the real time when the sender had to wait for the processor. */
function lostMs(losses: readonly FlowLoss[]): number {
  return Math.max(0, ...losses.map(({ lost, gapMs }) => Math.max(lost * SPACING_MS, gapMs - SPACING_MS)));
}
