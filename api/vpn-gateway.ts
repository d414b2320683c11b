// SPDX-License-Identifier: Apache-2.0
import { tryParsePrefix } from './net/prefix.ts';

/** The entry of the key Secret with the gateway's private key. */
export const privateKeyEntry = 'privateKey';
/** The entry of the config Secret with the GatewayConfig. */
export const gatewayEntry = 'gateway.json';

/**
 * The config that the operator writes for the gateways of a VPN. It is in a Secret because it contains preshared
 * keys.
 */
export interface GatewayConfig {
  /** `metadata.generation` of the VPN that it was compiled from. */
  readonly generation: number;
  /** Name of the active gateway's pod; all others stand by. */
  readonly active: string | undefined;
  readonly listenPort: number;
  readonly mtu: number;
  /** The gateway's own addresses inside the tunnel. */
  readonly addresses: readonly string[];
  /** The ranges of the peers' addresses. */
  readonly pool: readonly string[];
  /** The prefixes that peers may reach. */
  readonly routes: readonly string[];
  /** Whether peers may reach each other. */
  readonly peerToPeer: boolean;
  readonly peers: readonly GatewayPeer[];
}

/** A peer that may connect. */
export interface GatewayPeer {
  readonly name: string;
  readonly publicKey: string;
  readonly presharedKey?: string | undefined;
  /** The peer's addresses and the networks behind it: all that it may send from. */
  readonly allowedIPs: readonly string[];
  /** The last endpoint of a connected peer. A gateway that takes over sends to it first. */
  readonly endpoint?: string | undefined;
}

/** The config in the Secret is not valid. */
export class GatewayConfigError extends Error {
  override readonly name = 'GatewayConfigError';
}

const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const ENDPOINT = /^([0-9.]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}$/;

/** Pure: whether a text is a WireGuard key: 32 bytes in base64. */
export function isWireGuardKey(text: string): boolean {
  return KEY.test(text);
}

/** Pure: whether a text is the endpoint of a peer as WireGuard reports it: an address and a port. */
export function isWireGuardEndpoint(text: string): boolean {
  return ENDPOINT.test(text);
}

/** Pure: a config as text. Equal configs give equal text. */
export function formatGatewayConfig(config: GatewayConfig): string {
  return JSON.stringify(config);
}

/**
 * Pure: parses the config in a Secret. Error messages never contain keys.
 * @throws GatewayConfigError
 */
export function parseGatewayConfig(text: string): GatewayConfig {
  const value = readObject(text);
  return {
    generation: readNumber(value.generation, 'generation'),
    active: value.active === undefined ? undefined : readText(value.active, 'active'),
    listenPort: readNumber(value.listenPort, 'listenPort'),
    mtu: readNumber(value.mtu, 'mtu'),
    addresses: readList(value.addresses, 'addresses').map((each, i) => readText(each, `addresses[${i}]`)),
    pool: readCidrs(value.pool, 'pool'),
    routes: readCidrs(value.routes, 'routes'),
    peerToPeer: value.peerToPeer === true,
    peers: readList(value.peers, 'peers').map((each, i) => readPeer(each, `peers[${i}]`)),
  };
}

function readPeer(value: unknown, at: string): GatewayPeer {
  if (typeof value !== 'object' || value === null) throw new GatewayConfigError(`${at} is not an object`);
  const peer = value as Readonly<Record<string, unknown>>;
  const endpoint = peer.endpoint === undefined ? undefined : readText(peer.endpoint, `${at}.endpoint`);
  if (endpoint !== undefined && !isWireGuardEndpoint(endpoint)) {
    throw new GatewayConfigError(`${at}.endpoint is not an address and a port`);
  }
  return {
    name: readText(peer.name, `${at}.name`),
    publicKey: readKey(peer.publicKey, `${at}.publicKey`),
    ...(peer.presharedKey === undefined
      ? {}
      : { presharedKey: readKey(peer.presharedKey, `${at}.presharedKey`) }),
    allowedIPs: readCidrs(peer.allowedIPs, `${at}.allowedIPs`),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function readKey(value: unknown, at: string): string {
  if (typeof value !== 'string' || !isWireGuardKey(value)) {
    throw new GatewayConfigError(`${at} is not a WireGuard key (32 bytes in base64)`);
  }
  return value;
}

function readCidrs(value: unknown, at: string): readonly string[] {
  return readList(value, at).map((each, i) => {
    const text = readText(each, `${at}[${i}]`);
    if (!tryParsePrefix(text)) throw new GatewayConfigError(`${at}[${i}] is not an address range`);
    return text;
  });
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The message of the JSON parser quotes the text, which contains keys.
    throw new GatewayConfigError('the config is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new GatewayConfigError('the config is not an object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function readList(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new GatewayConfigError(`${at} is not a list`);
  return value;
}

function readText(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') throw new GatewayConfigError(`${at} is not a text`);
  return value;
}

function readNumber(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new GatewayConfigError(`${at} is not a whole number`);
  }
  return value;
}
