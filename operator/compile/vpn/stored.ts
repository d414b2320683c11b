// SPDX-License-Identifier: Apache-2.0
import { annotations } from '../../../api/names.ts';
import type { ObjectMeta } from '../../../api/object-meta.ts';
import {
  type GatewayConfig,
  GatewayConfigError,
  gatewayEntry,
  parseGatewayConfig,
} from '../../../api/vpn-gateway.ts';
import { peerEntries } from '../../../api/vpn-names.ts';
import type { PeerReport } from '../../../api/vpn-report.ts';
import { type FileMark, parseMark } from './file-mark.ts';
import type { StoredKeys } from './keys.ts';

/** The fields of a Secret that are read back. */
interface Stored {
  readonly data?: Readonly<Record<string, string>> | undefined;
}

/** The keys in a stored Secret. Missing ones are left out. */
export function storedKeysOf(secret: Stored | undefined): StoredKeys | undefined {
  if (!secret) return undefined;
  const privateKey = entryOf(secret, peerEntries.privateKey);
  const presharedKey = entryOf(secret, peerEntries.presharedKey);
  return {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(presharedKey === undefined ? {} : { presharedKey }),
  };
}

interface StoredSecret extends Stored {
  readonly metadata?: Pick<ObjectMeta, 'annotations'> | undefined;
}

interface StoredFile {
  readonly text: string | undefined;
  readonly mark: FileMark | undefined;
}

/** The file in a stored Secret of a peer, and the mark on it. */
export function storedFileOf(secret: StoredSecret | undefined): StoredFile {
  const data = secret?.data?.[peerEntries.file];
  const text = data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
  return { text, mark: parseMark(secret?.metadata?.annotations?.[annotations.fileChanged]) };
}

/** The config that was last written for the gateways; undefined when there is none or it is not valid. */
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

/** Endpoints of peers when the active gateway took over, by name of the peer. */
export type Endpoints = ReadonlyMap<string, string>;

export function storedEndpointsOf(config: GatewayConfig | undefined): Endpoints {
  return new Map(
    (config?.peers ?? []).flatMap(({ name, endpoint }) => (endpoint === undefined ? [] : [[name, endpoint]])),
  );
}

/**
 * The endpoints that the next active gateway will contact: those of the connected peers, and those of peers that the
 * present gateway has not heard from since it took over. The latter still wait for a gateway when this one fails too.
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

/** A report that says that a peer is connected from its stored endpoint. */
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
