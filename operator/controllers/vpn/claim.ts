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
 * Writes the addresses of peers into their statuses before any other use of them, so that a new leader finds them
 * there. It writes only over the versions that were read; after a conflict the next pass decides again.
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
    // The peer was deleted in the meantime; the watch will show it.
    if (!isNotFound(error)) throw error;
  }
}
