// SPDX-License-Identifier: Apache-2.0
import { isWireGuardEndpoint } from '../../api/vpn-gateway.ts';
import type { GatewayAnswer, PeerReport } from '../../api/vpn-report.ts';
import type { Allowance } from './allowance.ts';
import { type Request, readReport } from './fetch.ts';
import {
  asList,
  asNumber,
  asObject,
  asText,
  onlyNamed,
  parseJson,
  parseState,
  ReportError,
} from './parse.ts';

/** Timeout of a request. Two timeouts and a takeover fit into the three seconds that peers may wait. */
const TIMEOUT_MS = 700;
/** The last second that a status can say, of the year 9999. */
const LATEST = 253_402_300_799;

/** Fetches the report of a gateway. */
export async function fetchGatewayReport(request: Request): Promise<GatewayAnswer> {
  return parseGatewayReport(await readReport(request, TIMEOUT_MS), request.allowance);
}

/** Parses a gateway's report. Any invalid field, or a longer list than is allowed, makes the whole report invalid. */
export function parseGatewayReport(text: string, allowance: Allowance): GatewayAnswer {
  const value = parseJson(text);
  return {
    ...parseState(value),
    role: asOneOf(value.role, ['Active', 'Standby'], 'role'),
    wireGuard:
      value.wireGuard === undefined
        ? undefined
        : asOneOf(value.wireGuard, ['Kernel', 'Userspace'], 'wireGuard'),
    peers: onlyNamed(asList(value.peers, 'peers', allowance.entries).map(parsePeer), allowance),
  };
}

function parsePeer(value: unknown, index: number): PeerReport {
  const at = `peers[${index}]`;
  const peer = asObject(value, at);
  if (typeof peer.connected !== 'boolean') throw new ReportError(`${at}.connected is neither true nor false`);
  return {
    name: asText(peer.name, `${at}.name`),
    publicKey: asText(peer.publicKey, `${at}.publicKey`),
    latestHandshake:
      peer.latestHandshake === undefined
        ? undefined
        : asNumber(peer.latestHandshake, `${at}.latestHandshake`, LATEST),
    endpoint: usableEndpoint(peer.endpoint, `${at}.endpoint`),
    rxBytes: asNumber(peer.rxBytes, `${at}.rxBytes`),
    txBytes: asNumber(peer.txBytes, `${at}.txBytes`),
    connected: peer.connected,
  };
}

/**
 * The endpoint, if the next gateway can use it: it goes into that gateway's config, which would be refused as a whole.
 * (Of a link-local address WireGuard says the interface too.)
 */
function usableEndpoint(value: unknown, what: string): string | undefined {
  if (value === undefined) return undefined;
  const text = asText(value, what);
  return isWireGuardEndpoint(text) ? text : undefined;
}

function asOneOf<const T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new ReportError(`${what} is none of ${allowed.join(', ')}`);
  return found;
}
