// SPDX-License-Identifier: Apache-2.0
import { formatGatewayConfig, gatewayEntry, privateKeyEntry } from '../../../api/vpn-gateway.ts';
import {
  gatewayConfigNameOf,
  gatewayKeyNameOf,
  peerEntries,
  peerSecretNameOf,
} from '../../../api/vpn-names.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import { type Desired, type Owner, ownerOf } from '../workload/types.ts';
import { compileGateway } from './gateway.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';
import { renderPeerFile } from './wg-quick.ts';

/** A Secret as it is to be: complete in what is ours. */
export interface DesiredSecret extends Desired {
  readonly type: 'Opaque';
  /** Base64, as the API has it. */
  readonly data: Readonly<Record<string, string>>;
}

/** The gateway's key pair, and nothing else: whoever may read it can be the gateway. */
export function compileGatewayKey({ vpn, keys }: DecidedVpn): DesiredSecret {
  return secretOf({
    owner: ownerOf(vpn),
    vpn: ownerOf(vpn),
    name: gatewayKeyNameOf(vpn.metadata.name),
    data: { [privateKeyEntry]: keys.privateKey, publicKey: keys.publicKey },
  });
}

/** What the gateways must do. There is no private key in it. */
export function compileGatewaySecret(decided: DecidedVpn, active: string | undefined): DesiredSecret {
  const owner = ownerOf(decided.vpn);
  return secretOf({
    owner,
    vpn: owner,
    name: gatewayConfigNameOf(owner.name),
    data: { [gatewayEntry]: formatGatewayConfig(compileGateway(decided, active)) },
  });
}

/** A peer's keys and file. A peer that is disabled or expired keeps its own; one that is refused gets no file. */
export function compilePeerSecret(decided: DecidedVpn, peer: DecidedPeer): DesiredSecret {
  const { privateKey, publicKey, presharedKey } = peer.keys;
  const file = peer.state.kind === 'Refused' ? undefined : renderPeerFile(decided, peer);
  return secretOf({
    owner: ownerOf(peer.peer),
    vpn: ownerOf(decided.vpn),
    name: peerSecretNameOf(peer.peer.metadata.name),
    data: {
      [peerEntries.publicKey]: publicKey,
      ...(privateKey === undefined ? {} : { [peerEntries.privateKey]: privateKey }),
      ...(presharedKey === undefined ? {} : { [peerEntries.presharedKey]: presharedKey }),
      ...(file === undefined ? {} : { [peerEntries.file]: file }),
    },
  });
}

function secretOf(options: {
  readonly owner: Owner;
  readonly vpn: Owner;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}): DesiredSecret {
  const { owner, vpn, name, data } = options;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: ownedMetadata(owner, name, vpn),
    data: Object.fromEntries(
      Object.entries(data).map(([entry, text]) => [entry, Buffer.from(text).toString('base64')]),
    ),
  };
}
