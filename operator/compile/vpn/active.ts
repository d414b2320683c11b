// SPDX-License-Identifier: Apache-2.0
/** A gateway's pod, as a candidate for the active gateway. */
export interface Candidate {
  readonly pod: string;
  readonly ready: boolean;
  /** The pod is terminating, or its node is gone. New traffic must not be sent to it. */
  readonly leaving: boolean;
  /** How many requests for its report in a row were not answered. */
  readonly missed: number;
}

/**
 * A gateway that misses two requests is taken for dead. It is asked twice a second, so this takes two seconds at
 * most, of the three that peers may wait.
 */
const MOST_MISSED = 2;

/**
 * Pure: chooses the active gateway. The active one stays while it answers, because a change interrupts every peer for
 * some hundred milliseconds. It also stays when no other gateway could replace it.
 */
export function chooseActive(
  current: string | undefined,
  candidates: readonly Candidate[],
): string | undefined {
  const able = candidates
    .filter(({ ready, leaving, missed }) => ready && !leaving && missed === 0)
    .sort((a, b) => (a.pod < b.pod ? -1 : 1));
  const active = candidates.find(({ pod }) => pod === current);
  if (active && !active.leaving && active.missed < MOST_MISSED) return active.pod;
  return able[0]?.pod ?? active?.pod;
}
