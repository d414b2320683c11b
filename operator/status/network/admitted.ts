// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import type { Port, VirtualNetwork } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import type { Verdict } from '../../../api/reasons.ts';

type Admitted = Extract<Verdict<'VirtualNetwork'>, { type: 'Admitted' }>;

/** The condition Admitted of a network: who is on it although `spec.attach` does not let its namespace in. */
export function judgeAdmitted({ spec }: VirtualNetwork, strangers: readonly Port[]): Admitted {
  if (strangers.length === 0) {
    const message = 'all pods on the network are of namespaces that may join';
    return { type: 'Admitted', status: 'True', reason: 'AllAdmitted', message };
  }
  const pods = strangers.map(({ metadata, spec: port }) => joinKey(metadata.namespace, port.pod.name)).sort();
  const who = `pods ${nameSome([...new Set(pods)])} are of namespaces that spec.attach does not let in`;
  if (spec.attach.evict === true) {
    return {
      type: 'Admitted',
      status: 'False',
      reason: 'GuestsLeaving',
      message: `${who}; they are being detached`,
    };
  }
  const message = `${who}, and stay, since they joined before; remove these pods, or set spec.attach.evict: true`;
  return { type: 'Admitted', status: 'False', reason: 'GuestsStay', message };
}
