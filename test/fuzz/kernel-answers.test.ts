// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInterfaceAddress } from '../../agent/kernel/rtnetlink/address.ts';
import { parseFilterName, parseFilterProgram } from '../../agent/kernel/rtnetlink/filter.ts';
import { parseLink } from '../../agent/kernel/rtnetlink/link.ts';
import { parseNeighbour } from '../../agent/kernel/rtnetlink/neighbour.ts';
import { parseAttributes } from '../../agent/kernel/rtnetlink/parse.ts';
import { parseRoute } from '../../agent/kernel/rtnetlink/route.ts';
import { parseRule } from '../../agent/kernel/rtnetlink/rule.ts';
import { parseAlias } from '../../agent/render/attachment/names.ts';
import { parseLogLine } from '../../functions/firewall/log-line.ts';
import { parseFlow } from '../../functions/shared/flow.ts';
import { changedBytes, jsonWith, mostly, text } from './arbitraries.ts';
import { expectNumber } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

// The kernel and its tools answer us. What they say contains texts of others: aliases, names, addresses.

const attribute = fc.tuple(fc.nat(70), fc.uint8Array({ maxLength: 24 })).map(([type, value]) => {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
});
const attributes = fc.array(attribute, { maxLength: 6 }).map((list) => Buffer.concat(list));
const message = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 48 }), attributes)
  .map((parts) => Buffer.concat(parts));
const PARSERS = [
  ...[parseLink, parseRoute, parseRule, parseNeighbour],
  ...[parseInterfaceAddress, parseFilterName, parseFilterProgram],
];

test(
  'attributes of a netlink message are within it, however long they say that they are',
  () => {
    fuzz('netlink-attributes', changedBytes(attributes), (bytes) => {
      const read = parseAttributes(bytes);
      const length = [...read.values()].reduce((sum, value) => sum + 4 + value.length, 0);
      expect(length).toBeLessThanOrEqual(bytes.length);
    });
    fuzz('netlink-messages', message, (bytes) => {
      for (const parse of PARSERS) parse(bytes);
    });
  },
  2 * timeoutMs,
);

const flowLine = fc
  .tuple(
    fc.constantFrom('tcp', 'udp', 'icmp'),
    fc.nat(200),
    fc.nat(432_000),
    fc.constantFrom('ESTABLISHED', 'src=1'),
  )
  .map(
    ([protocol, number, left, word]) => `${protocol}  ${number} ${left} ${word} src=1.2.3.4 [ASSURED] zone=7`,
  );
const packetLine = fc
  .record({
    'oob.prefix': fc.oneof(fc.constant('Drop rule'), text),
    'oob.mark': fc.oneof(fc.nat(), text),
    src_ip: text,
    src_port: fc.oneof(fc.nat(70_000), text),
    'icmp.type': jsonWith(['a']),
    'raw.pktlen': fc.oneof(fc.nat(), text),
  })
  .map((value) => JSON.stringify(value));

test(
  'a line of conntrack, of the log or an alias yields valid numbers, or is ignored',
  () => {
    fuzz('conntrack-line', mostly(flowLine), (line) => {
      const flow = parseFlow(line);
      expectNumber(flow?.secondsLeft);
      expectNumber(flow?.zone);
    });
    fuzz('log-line', mostly(packetLine), (line) => {
      let packet: ReturnType<typeof parseLogLine>;
      try {
        packet = parseLogLine(line);
      } catch (error) {
        // The reader of ulogd passes such a line over.
        expect(error).toBeInstanceOf(SyntaxError);
        return;
      }
      for (const each of [packet?.pathId, packet?.bytes]) expectNumber(each);
    });
    fuzz('alias', mostly(fc.constant('heddle:pod/0f3a/net1')), (alias) => {
      const read = parseAlias(alias);
      if (read) expect(alias).toContain(read.podUid);
    });
  },
  3 * timeoutMs,
);
