// SPDX-License-Identifier: Apache-2.0
import {
  type GatewayConfig,
  GatewayConfigError,
  gatewayEntry,
  isWireGuardKey,
  parseGatewayConfig,
  privateKeyEntry,
} from '../../api/vpn-gateway.ts';
import { gatewaySecretNamesOf } from '../../api/vpn-names.ts';
import type { Vpn } from '../../api/vpn-objects.ts';
import type { Secret } from '../../kube/wire.ts';
import type { FieldError, Inputs } from '../shared/program.ts';

/** The content of a gateway's two Secrets, or why they cannot be used. */
export type GatewayInputs =
  | { readonly kind: 'Read'; readonly config: GatewayConfig; readonly privateKey: string }
  | { readonly kind: 'Unusable'; readonly error: FieldError };

/** Pure: reads a gateway's two Secrets. */
export function readInputs({ object, secrets }: Pick<Inputs<Vpn>, 'object' | 'secrets'>): GatewayInputs {
  const [keyName, configName] = gatewaySecretNamesOf(object.metadata.name);
  const privateKey = entryOf(secrets.get(keyName), privateKeyEntry);
  const text = entryOf(secrets.get(configName), gatewayEntry);
  if (privateKey === undefined) return unusable(`Secret ${keyName} has no ${privateKeyEntry} yet`);
  if (!isWireGuardKey(privateKey)) {
    return unusable(
      `Secret ${keyName}: ${privateKeyEntry} is no WireGuard key; delete the Secret and the operator makes a new one`,
    );
  }
  if (text === undefined) return unusable(`Secret ${configName} has no ${gatewayEntry} yet`);
  try {
    return { kind: 'Read', config: parseGatewayConfig(text), privateKey };
  } catch (error) {
    if (!(error instanceof GatewayConfigError)) throw error;
    return unusable(`Secret ${configName}, ${gatewayEntry}: ${error.message}`);
  }
}

function unusable(message: string): GatewayInputs {
  return { kind: 'Unusable', error: { field: 'spec', message } };
}

function entryOf(secret: Secret | undefined, entry: string): string | undefined {
  const data = secret?.data?.[entry];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8').trim();
}
