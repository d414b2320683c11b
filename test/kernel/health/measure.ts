// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bed, FAR, MEMBERS, NEAR } from './bed.ts';
import type { Failure } from './failures.ts';
import { type FlowLoss, Flows, SPACING_MS } from './flows.ts';

/** Enough that some go through every instance. */
const FLOWS_EACH = 12;
/** Flows are established, and have shown their way. */
const WARM_UP_MS = 250;
const NAMES = MEMBERS.map(({ name }) => name);

export interface Outage {
  /** What the flow that lost most lost, as time. */
  readonly lostMs: number;
  /** How long the sender itself had to wait meanwhile: on a machine that is busy with other things, all figures grow. */
  readonly lagMs: number;
  /** Flows that went through what failed. */
  readonly victims: number;
  /** The most that any flow lost which had nothing to do with it. */
  readonly bystandersLostMs: number;
  /** Lost while what had failed was taken back. */
  readonly returnLostMs: number;
  /** Flows that went elsewhere when it came back. */
  readonly movedByReturn: number;
}

let nextPort = 10_000;

/** Lets it fail under flows, and come back. */
export async function measureOutage(bed: Bed, failure: Failure): Promise<Outage> {
  await failure.prepare?.(bed);
  const firstPort = nextPort;
  nextPort = firstPort + 2 * FLOWS_EACH > 60_000 ? 10_000 : firstPort + 2 * FLOWS_EACH;
  const from = bed.client;
  // A server on a node that vanished is nobody's fault.
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

/** Packets times their spacing, or the time that really passed when the sender had to wait for the processor. */
function lostMs(losses: readonly FlowLoss[]): number {
  return Math.max(0, ...losses.map(({ lost, gapMs }) => Math.max(lost * SPACING_MS, gapMs - SPACING_MS)));
}
