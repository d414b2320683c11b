import { functionLabelOf } from '../../../api/function-names.ts';
import { apiVersion, labels, type ObjectMeta, type OwnerReference } from '../../../api/index.ts';
import { formatGatewayConfig, gatewayEntry, privateKeyEntry } from '../../../api/vpn-gateway.ts';
import {
  gatewayConfigNameOf,
  gatewayKeyNameOf,
  peerEntries,
  peerSecretNameOf,
} from '../../../api/vpn-names.ts';
import { compileGateway } from './gateway.ts';
import type { DecidedPeer, DecidedVpn } from './types.ts';
import { renderPeerFile } from './wg-quick.ts';

/** A Secret as it is to be: complete in what is ours. */
export interface DesiredSecret {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly type: 'Opaque';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly ownerReferences: readonly [OwnerReference];
  };
  /** Base64, as the API has it. */
  readonly data: Readonly<Record<string, string>>;
}

/** The gateway's key pair, and nothing else: whoever may read it can be the gateway. */
export function compileGatewayKey({ vpn, keys }: DecidedVpn): DesiredSecret {
  return secretOf({
    kind: 'VPN',
    owner: vpn.metadata,
    vpn: vpn.metadata.name,
    name: gatewayKeyNameOf(vpn.metadata.name),
    data: { [privateKeyEntry]: keys.privateKey, publicKey: keys.publicKey },
  });
}

/** What the gateways must do. There is no private key in it. */
export function compileGatewaySecret(decided: DecidedVpn, active: string | undefined): DesiredSecret {
  const { metadata } = decided.vpn;
  return secretOf({
    kind: 'VPN',
    owner: metadata,
    vpn: metadata.name,
    name: gatewayConfigNameOf(metadata.name),
    data: { [gatewayEntry]: formatGatewayConfig(compileGateway(decided, active)) },
  });
}

/** A peer's keys and file. A peer that is disabled or expired keeps its own; one that is refused gets no file. */
export function compilePeerSecret(decided: DecidedVpn, peer: DecidedPeer): DesiredSecret {
  const { privateKey, publicKey, presharedKey } = peer.keys;
  const file = peer.state.kind === 'Refused' ? undefined : renderPeerFile(decided, peer);
  return secretOf({
    kind: 'VPNPeer',
    owner: peer.peer.metadata,
    vpn: decided.vpn.metadata.name,
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
  readonly kind: 'VPN' | 'VPNPeer';
  readonly owner: ObjectMeta;
  readonly vpn: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}): DesiredSecret {
  const { kind, owner, vpn, name, data } = options;
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name,
      namespace: owner.namespace,
      labels: {
        [labels.name]: 'heddle',
        [labels.component]: 'function',
        'app.kubernetes.io/managed-by': 'heddle-operator',
        [labels.function]: functionLabelOf('VPN', vpn),
      },
      ownerReferences: [{ apiVersion, kind, name: owner.name, uid: owner.uid ?? '', controller: true }],
    },
    data: Object.fromEntries(
      Object.entries(data).map(([entry, text]) => [entry, Buffer.from(text).toString('base64')]),
    ),
  };
}
