import { isInvalid } from '../../../kube/api-error.ts';
import type { Writer } from '../../../kube/apply.ts';
import { resources } from '../../../kube/resource.ts';
import type { Ensurer } from '../../apply/ensure.ts';
import { prune } from '../../apply/prune.ts';
import { compileEndpointSlices, compileVpnService } from '../../compile/vpn/service.ts';
import type { DecidedVpn } from '../../compile/vpn/types.ts';
import { serviceNameOf } from '../../compile/workload/service.ts';
import { ownerOf } from '../../compile/workload/types.ts';
import type { Stores } from '../../observe/stores.ts';
import { isOwned } from '../owned.ts';
import { activePodOf } from './prefixes.ts';

/**
 * The Service in front, and the active gateway behind it; nothing of either when none is asked for. The answer is what
 * the API server said when it refused the Service: a port that is taken, or none of the nodes'.
 */
export async function applyExposure(options: {
  readonly stores: Stores;
  readonly writer: Writer;
  readonly ensurer: Ensurer;
  readonly decided: DecidedVpn;
  readonly active: string | undefined;
}): Promise<string | undefined> {
  const { stores, writer, ensurer, decided, active } = options;
  const { vpn } = decided;
  const { namespace } = vpn.metadata;
  // One write moves all new flows: before the Service, which seldom changes.
  const slices = compileEndpointSlices(vpn, activePodOf(stores, vpn, active));
  for (const object of slices) {
    const stored = stores.endpointSlices.get(`${namespace}/${object.metadata.name}`);
    await ensurer.ensure({ resource: resources.endpointSlices, object, stored });
  }
  const service = compileVpnService(vpn);
  const stored = stores.services.get(`${namespace}/${serviceNameOf(ownerOf(vpn))}`);
  if (service) {
    try {
      await ensurer.ensure({ resource: resources.services, object: service, stored });
    } catch (error) {
      if (!isInvalid(error)) throw error;
      return (error as Error).message;
    }
    return undefined;
  }
  const wanted = new Set<string>();
  const services = stored && isOwned(stored, vpn) ? [stored] : [];
  await prune({ writer, resource: resources.services, stored: services, wanted });
  const behind = [...stores.endpointSlices.values()].filter((each) => isOwned(each, vpn));
  await prune({ writer, resource: resources.endpointSlices, stored: behind, wanted });
  return undefined;
}
