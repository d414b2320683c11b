// SPDX-License-Identifier: Apache-2.0
/** A gateway's pod, as far as who shall be active goes. */
export interface Candidate {
  readonly pod: string;
  readonly ready: boolean;
  /** It ends, or its node is gone: nobody is to be sent there any more. */
  readonly leaving: boolean;
  /** How often in a row it did not answer when it was asked for its report. */
  readonly missed: number;
}

/** Asked twice a second, a gateway that is silent twice is taken to be dead: two seconds at most, of the three that peers may wait. */
const MOST_MISSED = 2;

/**
 * Pure: the gateway that peers shall talk to. The one that is stays, for as long as it answers: a change costs every
 * peer some hundred milliseconds. One that nobody could follow stays too.
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
  return able.find(({ pod }) => pod !== current)?.pod ?? active?.pod;
}
