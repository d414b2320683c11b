// SPDX-License-Identifier: Apache-2.0
import { gatewayConfigNameOf } from '../../../api/vpn-names.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import { type Endpoints, storedConfigOf, storedEndpointsOf } from '../../compile/vpn/stored.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { type Answers, noAnswers } from '../workload/ask.ts';
import { Memories } from '../workload/memories.ts';

/** What is remembered of a VPN between passes; both of its controllers look at it. */
export interface VpnMemory {
  /** The pod that peers shall talk to. */
  active: string | undefined;
  /** Where peers were when it took over. */
  endpoints: Endpoints;
  /** Where they are now, for the next one that does. */
  heard: Endpoints;
  /** What was decided and written last. */
  decided: DecidedVpn | undefined;
  answers: Answers<GatewayAnswer>;
  /** Names of Secrets that somebody else made. */
  taken: ReadonlySet<string>;
  /** What the API server said of the Service when it refused it. */
  refusal: string | undefined;
  /** When the status of each peer was written, by its uid. */
  readonly writtenAt: Map<string, number>;
}

export type VpnMemories = Memories<Vpn, VpnMemory>;

/** A new operator goes on from what the gateways were told last: nobody is moved because it began. */
export function createVpnMemories(stores: Pick<Stores, 'secrets'>): VpnMemories {
  return new Memories((vpn) => {
    const { namespace, name } = vpn.metadata;
    const told = storedConfigOf(stores.secrets.get(`${namespace}/${gatewayConfigNameOf(name)}`));
    return {
      active: told?.active,
      endpoints: storedEndpointsOf(told),
      heard: storedEndpointsOf(told),
      decided: undefined,
      answers: noAnswers(),
      taken: new Set(),
      refusal: undefined,
      writtenAt: new Map(),
    };
  });
}
