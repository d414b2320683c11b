// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../../kube/slim.ts';
import { chooseActive } from '../../compile/vpn/active.ts';
import type { Stores } from '../../observe/stores.ts';
import { isNodeWell } from './endpoint.ts';
import type { VpnMemory } from './memory.ts';

/** Chooses the active gateway after a round of reports. */
export function chooseGateway(
  stores: Pick<Stores, 'nodes'>,
  pods: readonly Pod[],
  { active, answers: { missed } }: VpnMemory,
): string | undefined {
  return chooseActive(
    active,
    pods.map(({ metadata, spec, status }) => ({
      pod: metadata.name,
      ready: status.ready,
      leaving: metadata.deletionTimestamp !== undefined || !isNodeWell(stores, spec.nodeName),
      missed: missed.get(metadata.uid) ?? 0,
    })),
  );
}
