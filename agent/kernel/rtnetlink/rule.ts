// SPDX-License-Identifier: Apache-2.0
import { type Address, bitsOf, type Family } from '../../../api/net/address.ts';
import type { NetlinkMessage } from '../protocol.ts';
import { AF, type Attribute, buildMessage, ip, NLM, u8, u32 } from './message.ts';
import { addressOf, parseMessage, u32Of } from './parse.ts';

const RTM = { newRule: 32, delRule: 33, getRule: 34 } as const;
const FRA = { source: 2, priority: 6, fwmark: 10, table: 15, fwmask: 16, protocol: 21 } as const;
const FR_ACT_TO_TABLE = 1;
const RULE_SIZE = 12;

export interface Rule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly mark?: { readonly value: number; readonly mask: number };
  /** The one source address that the rule is for; absent: all, and packets that have none yet. */
  readonly source?: Address;
  /** The origin of the rule (`FRA_PROTOCOL`); absent: not said. */
  readonly protocol?: number;
}

/** Adds a rule; tolerates that it exists. */
export function addRule(rule: Rule): NetlinkMessage {
  return buildMessage({
    type: RTM.newRule,
    flags: NLM.create | NLM.exclusive,
    header: ruleHeader(rule),
    attributes: ruleAttributes(rule),
    tolerate: ['EEXIST'],
  });
}

/** Deletes a rule; tolerates that it does not exist. */
export function deleteRule(rule: Rule): NetlinkMessage {
  return buildMessage({
    type: RTM.delRule,
    flags: 0,
    header: ruleHeader(rule),
    attributes: ruleAttributes(rule),
    tolerate: ['ENOENT'],
  });
}

/** All rules of a family; none when the kernel does not have the family. */
export function dumpRules(family: Family): NetlinkMessage {
  const header = Buffer.alloc(RULE_SIZE);
  header.writeUInt8(AF[family], 0);
  return buildMessage({
    type: RTM.getRule,
    flags: NLM.dump,
    header,
    attributes: [],
    tolerate: ['EAFNOSUPPORT', 'EOPNOTSUPP'],
  });
}

export function parseRule(message: Uint8Array): Rule {
  const { header, attributes } = parseMessage(message, RULE_SIZE);
  const value = u32Of(attributes.get(FRA.fwmark));
  const mask = u32Of(attributes.get(FRA.fwmask)) ?? 0;
  const source = addressOf(attributes.get(FRA.source));
  const protocol = attributes.get(FRA.protocol)?.[0] ?? 0;
  return {
    family: header.readUInt8(0) === AF[4] ? 4 : 6,
    // The kernel leaves out a preference of 0.
    priority: u32Of(attributes.get(FRA.priority)) ?? 0,
    table: u32Of(attributes.get(FRA.table)) ?? header.readUInt8(4),
    ...(value === undefined ? {} : { mark: { value, mask } }),
    ...(source === undefined ? {} : { source }),
    ...(protocol === 0 ? {} : { protocol }),
  };
}

function ruleHeader({ family, table, source }: Rule): Buffer {
  const header = Buffer.alloc(RULE_SIZE);
  header.writeUInt8(AF[family], 0);
  if (source !== undefined) header.writeUInt8(bitsOf(family), 2);
  header.writeUInt8(table < 256 ? table : 0, 4);
  header.writeUInt8(FR_ACT_TO_TABLE, 7);
  return header;
}

function ruleAttributes(rule: Rule): Attribute[] {
  const attributes = [u32(FRA.priority, rule.priority), u32(FRA.table, rule.table)];
  if (rule.mark !== undefined) {
    attributes.push(u32(FRA.fwmark, rule.mark.value), u32(FRA.fwmask, rule.mark.mask));
  }
  if (rule.source !== undefined) attributes.push(ip(FRA.source, rule.source));
  if (rule.protocol !== undefined) attributes.push(u8(FRA.protocol, rule.protocol));
  return attributes;
}
