// SPDX-License-Identifier: Apache-2.0
import type { InstanceFacts, Judged, Standing } from '../../../../../operator/compile/chain/standing.ts';

/** An instance of a function that takes flows. */
export function instance(id: number, change: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    id,
    pod: `edge-${id}`,
    node: `worker-${id}`,
    weight: 100,
    portAccepted: true,
    portReady: true,
    podReady: true,
    worksUnready: true,
    leaving: false,
    reportedDown: false,
    ...change,
  };
}

/** An instance with a standing; by default it is serving. */
export function judged(pod: string, standing: Standing = { kind: 'Serving', cutOffFrom: [] }): Judged {
  return { instance: instance(7, { pod, node: 'worker-1' }), standing };
}
