// SPDX-License-Identifier: Apache-2.0
import { keyOf } from '../../../api/key.ts';
import { formatAddress } from '../../../api/net/address.ts';
import type { VpnPeer } from '../../../api/vpn-objects.ts';
import { isNotFound } from '../../../kube/api-error.ts';
import type { Writer } from '../../../kube/apply.ts';
import { sameJson } from '../../../kube/base/same-json.ts';
import { resources } from '../../../kube/resource.ts';
import type { DecidedPeer, DecidedVpn } from '../../compile/vpn/types.ts';
import type { Stores } from '../../observe/stores.ts';

/**
 * Writes addresses into the statuses of those who got them, before anybody is told of them: an operator that begins
 * anew finds them there. Only over what was read; when somebody wrote meanwhile the next pass decides again.
 */
export async function claimAddresses(options: {
  readonly stores: Pick<Stores, 'vpnPeers'>;
  readonly writer: Writer;
  readonly decided: DecidedVpn;
}): Promise<void> {
  for (const each of options.decided.peers) await claim(options.writer, options.stores, each);
}

async function claim(
  writer: Writer,
  stores: Pick<Stores, 'vpnPeers'>,
  { peer, addresses }: DecidedPeer,
): Promise<void> {
  const texts = addresses.map(formatAddress);
  if (sameJson(peer.status?.addresses ?? [], texts)) return;
  const { namespace, name, uid } = peer.metadata;
  const ref = { resource: resources.vpnPeers, namespace, name };
  const resourceVersion = stores.vpnPeers.get(keyOf(peer))?.metadata.resourceVersion;
  try {
    await writer.patch<VpnPeer>(
      ref,
      { status: { addresses: texts } },
      { subresource: 'status', preconditions: { uid, resourceVersion } },
    );
  } catch (error) {
    // It went meanwhile: the watch is about to say so.
    if (!isNotFound(error)) throw error;
  }
}
