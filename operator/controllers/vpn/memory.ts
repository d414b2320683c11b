// SPDX-License-Identifier: Apache-2.0
import { gatewayConfigNameOf } from '../../../api/vpn-names.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import type { GatewayAnswer } from '../../../api/vpn-report.ts';
import { type Endpoints, storedConfigOf, storedEndpointsOf } from '../../compile/vpn/stored.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { type Answers, noAnswers } from '../workload/ask.ts';
import { Memories } from '../workload/memories.ts';

/** The state of a VPN that both of its controllers keep between passes. */
export interface VpnMemory {
  /** The active gateway's pod. */
  active: string | undefined;
  /** Endpoints of peers when the active gateway took over. */
  endpoints: Endpoints;
  /** Endpoints of peers now, for the next gateway that takes over. */
  heard: Endpoints;
  /** The last state that was decided and written. */
  decided: DecidedVpn | undefined;
  /** The version of the gateways' config that was replaced last. While the store still has it, the newer is not seen. */
  replaced: string | undefined;
  answers: Answers<GatewayAnswer>;
  /** The most peers that this operator has seen: a gateway may be behind. */
  mostPeers: number;
  /** Names of Secrets that Heddle did not make. */
  taken: ReadonlySet<string>;
  /** The API server's message when it refused the Service. */
  refusal: string | undefined;
  /** The API server's message when it refused the Deployment, or what its pods need. */
  podsRefusal: string | undefined;
  /** When the status of each peer was written, by its uid. */
  readonly writtenAt: Map<string, number>;
}

export type VpnMemories = Memories<Vpn, VpnMemory>;

/**
 * Creates the memories of VPNs. A new leader starts from the stored config of the gateways, so that its start moves
 * no peer to another gateway.
 */
export function createVpnMemories(stores: Pick<Stores, 'secrets'>): VpnMemories {
  return new Memories((vpn) => {
    const { namespace, name } = vpn.metadata;
    const told = storedConfigOf(stores.secrets.get(`${namespace}/${gatewayConfigNameOf(name)}`));
    return {
      active: told?.active,
      endpoints: storedEndpointsOf(told),
      heard: storedEndpointsOf(told),
      decided: undefined,
      replaced: undefined,
      answers: noAnswers(),
      mostPeers: 0,
      taken: new Set(),
      refusal: undefined,
      podsRefusal: undefined,
      writtenAt: new Map(),
    };
  });
}
