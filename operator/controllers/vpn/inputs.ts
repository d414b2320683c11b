// SPDX-License-Identifier: Apache-2.0
import { joinKey } from '../../../api/key.ts';
import { gatewayConfigNameOf } from '../../../api/vpn-names.ts';
import type { Vpn } from '../../../api/vpn-objects.ts';
import { readableOf } from '../../compile/vpn/deployment.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { observeInputs } from '../workload/inputs.ts';
import type { VpnMemory } from './memory.ts';

/**
 * The hash that gateways report when they have the present config. While the store does not have the config that was
 * written last, there is none: gateways with the one before would count as current.
 */
export function observeGatewayInputs(
  stores: Pick<Stores, 'configMaps' | 'configMapVersions' | 'secrets'>,
  vpn: Vpn,
  { replaced }: Pick<VpnMemory, 'replaced'>,
): string | undefined {
  const { namespace, name } = vpn.metadata;
  const config = stores.secrets.get(joinKey(namespace, gatewayConfigNameOf(name)));
  if (replaced !== undefined && config?.metadata?.resourceVersion === replaced) return undefined;
  return observeInputs(stores, ownerOf(vpn), readableOf(vpn));
}
