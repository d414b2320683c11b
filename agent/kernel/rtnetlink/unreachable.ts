// SPDX-License-Identifier: Apache-2.0
import type { Family } from '../../../api/net/address.ts';
import { firstAddress, type Prefix } from '../../../api/net/prefix.ts';
import type { NetlinkMessage } from '../protocol.ts';
import { AF, type Attribute, buildMessage, ip, NLM, u8, u32 } from './message.ts';
import { addressOf, parseMessage, u32Of } from './parse.ts';

const RTM = { newRule: 32, delRule: 33 } as const;
const FRA = { destination: 1, priority: 6, protocol: 21 } as const;
const FR_ACT_UNREACHABLE = 7;
const RULE_SIZE = 12;

/** A rule by which a destination is unreachable, whatever the routing tables say. */
export interface UnreachableRule {
  readonly destination: Prefix;
  readonly priority: number;
  /** The origin of the rule (`FRA_PROTOCOL`). */
  readonly protocol: number;
}

/** Adds a rule; tolerates that it exists. */
export function addUnreachable(rule: UnreachableRule): NetlinkMessage {
  return buildMessage({
    type: RTM.newRule,
    flags: NLM.create | NLM.exclusive,
    header: headerOf(rule),
    attributes: attributesOf(rule),
    tolerate: ['EEXIST'],
  });
}

/** Deletes a rule; tolerates that it does not exist. */
export function deleteUnreachable(rule: UnreachableRule): NetlinkMessage {
  return buildMessage({
    type: RTM.delRule,
    flags: 0,
    header: headerOf(rule),
    attributes: attributesOf(rule),
    tolerate: ['ENOENT'],
  });
}

/** Parses an answer of `dumpRules`; undefined if it is a rule of another kind. */
export function parseUnreachable(message: Uint8Array): UnreachableRule | undefined {
  const { header, attributes } = parseMessage(message, RULE_SIZE);
  if (header.readUInt8(7) !== FR_ACT_UNREACHABLE) return undefined;
  const family: Family = header.readUInt8(0) === AF[4] ? 4 : 6;
  const value = addressOf(attributes.get(FRA.destination))?.value ?? 0n;
  return {
    destination: { family, value, length: header.readUInt8(1) },
    priority: u32Of(attributes.get(FRA.priority)) ?? 0,
    protocol: attributes.get(FRA.protocol)?.readUInt8(0) ?? 0,
  };
}

function headerOf({ destination }: UnreachableRule): Buffer {
  const header = Buffer.alloc(RULE_SIZE);
  header.writeUInt8(AF[destination.family], 0);
  header.writeUInt8(destination.length, 1);
  header.writeUInt8(FR_ACT_UNREACHABLE, 7);
  return header;
}

function attributesOf({ destination, priority, protocol }: UnreachableRule): Attribute[] {
  const attributes: Attribute[] = [u32(FRA.priority, priority), u8(FRA.protocol, protocol)];
  if (destination.length > 0) attributes.push(ip(FRA.destination, firstAddress(destination)));
  return attributes;
}
