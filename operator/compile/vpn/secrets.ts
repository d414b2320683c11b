// SPDX-License-Identifier: Apache-2.0
import { annotations } from '../../../api/names.ts';
import { formatGatewayConfig, gatewayEntry, privateKeyEntry } from '../../../api/vpn-gateway.ts';
import {
  gatewayConfigNameOf,
  gatewayKeyNameOf,
  peerEntries,
  peerSecretNameOf,
} from '../../../api/vpn-names.ts';
import { ownedMetadata } from '../workload/metadata.ts';
import { type Desired, type Owner, ownerOf } from '../workload/types.ts';
import { formatMark } from './file-mark.ts';
import { compileGateway } from './gateway.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';
import { renderPeerFile } from './wg-quick.ts';

/** A Secret in its desired state, with all fields that Heddle owns. */
export interface DesiredSecret extends Desired {
  readonly type: 'Opaque';
  /** Values in base64, as in the API. */
  readonly data: Readonly<Record<string, string>>;
}

/** The Secret with the gateway's key pair, and nothing else: a reader of it can pose as the gateway. */
export function compileGatewayKey({ vpn, keys }: DecidedVpn): DesiredSecret {
  return secretOf({
    owner: ownerOf(vpn),
    vpn: ownerOf(vpn),
    name: gatewayKeyNameOf(vpn.metadata.name),
    data: { [privateKeyEntry]: keys.privateKey, publicKey: keys.publicKey },
  });
}

/** The Secret with the config of the gateways. It contains no private key. */
export function compileGatewaySecret(decided: DecidedVpn, active: string | undefined): DesiredSecret {
  const owner = ownerOf(decided.vpn);
  return secretOf({
    owner,
    vpn: owner,
    name: gatewayConfigNameOf(owner.name),
    data: { [gatewayEntry]: formatGatewayConfig(compileGateway(decided, active)) },
  });
}

/**
 * The Secret with a peer's keys and configuration file. A disabled or expired peer keeps its file; a refused peer
 * gets none.
 */
export function compilePeerSecret(decided: DecidedVpn, peer: DecidedPeer): DesiredSecret {
  const { privateKey, publicKey, presharedKey } = peer.keys;
  const file = peer.state.kind === 'Refused' ? undefined : renderPeerFile(decided, peer);
  const secret = secretOf({
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
  if (!peer.mark) return secret;
  const marks = { [annotations.fileChanged]: formatMark(peer.mark) };
  return { ...secret, metadata: { ...secret.metadata, annotations: marks } };
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
