// SPDX-License-Identifier: Apache-2.0
import {
  type GatewayConfig,
  GatewayConfigError,
  gatewayEntry,
  parseGatewayConfig,
} from '../../../api/vpn-gateway.ts';
import { peerEntries } from '../../../api/vpn-names.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import type { StoredKeys } from './keys.ts';

/** A Secret, as far as it is read back. */
interface Stored {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** The keys of a Secret that exists; whatever is not there is left out. */
export function storedKeysOf(secret: Stored | undefined): StoredKeys | undefined {
  if (!secret) return undefined;
  const privateKey = entryOf(secret, peerEntries.privateKey);
  const presharedKey = entryOf(secret, peerEntries.presharedKey);
  return {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(presharedKey === undefined ? {} : { presharedKey }),
  };
}

/** What gateways were told last; undefined when it is nothing that they could work with. */
export function storedConfigOf(secret: Stored | undefined): GatewayConfig | undefined {
  const text = secret && entryOf(secret, gatewayEntry);
  if (text === undefined) return undefined;
  try {
    return parseGatewayConfig(text);
  } catch (error) {
    if (error instanceof GatewayConfigError) return undefined;
    throw error;
  }
}

/** Where peers were when the active gateway took over; by names. */
export type Endpoints = ReadonlyMap<string, string>;

export function storedEndpointsOf(config: GatewayConfig | undefined): Endpoints {
  return new Map(
    (config?.peers ?? []).flatMap(({ name, endpoint }) => (endpoint === undefined ? [] : [[name, endpoint]])),
  );
}

/**
 * Where those are that are connected now, whom the next gateway will speak to; and those that this one has not heard of
 * since it took over: when it dies too, they wait still.
 */
export function endpointsOf(reports: readonly PeerReport[], before: Endpoints): Endpoints {
  return new Map(
    reports.flatMap(({ name, endpoint, connected, latestHandshake }) => {
      if (connected && endpoint !== undefined) return [[name, endpoint]];
      const waiting = latestHandshake === undefined ? before.get(name) : undefined;
      return waiting === undefined ? [] : [[name, waiting]];
    }),
  );
}

/** A peer that is said to be connected from there. */
export function reportOf(name: string, endpoints: Endpoints): PeerReport | undefined {
  const endpoint = endpoints.get(name);
  if (endpoint === undefined) return undefined;
  return {
    name,
    publicKey: '',
    latestHandshake: undefined,
    endpoint,
    rxBytes: 0,
    txBytes: 0,
    connected: true,
  };
}

function entryOf({ data }: Stored, entry: string): string | undefined {
  const text = data?.[entry];
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8').trim();
}
