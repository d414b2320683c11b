// SPDX-License-Identifier: Apache-2.0
import type { Judged, Standing } from '../../../../../operator/compile/chain/standing.ts';

/** An instance of a function with a standing; by default it is serving. */
export function judged(pod: string, standing: Standing = { kind: 'Serving', cutOffFrom: [] }): Judged {
  return {
    instance: {
      id: 7,
      pod,
      node: 'worker-1',
      weight: 100,
      portAccepted: true,
      portReady: true,
      podReady: true,
      worksUnready: true,
      leaving: false,
      reportedDown: false,
    },
    standing,
  };
}
