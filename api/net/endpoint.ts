// SPDX-License-Identifier: Apache-2.0
import { tryParseAddress } from './address.ts';

/** A host (address or name) in the form of URLs and `host:port`: an IPv6 address in brackets. */
export function formatHost(host: string): string {
  return tryParseAddress(host)?.family === 6 ? `[${host}]` : host;
}

/** `10.20.0.5:80`, `[fd20::5]:80`, `vpn.example.com:80`. */
export function formatEndpoint(host: string, port: number): string {
  return `${formatHost(host)}:${port}`;
}
