// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery, QueryError } from '../../agent/trace/query.ts';
import { formatAddress } from '../../api/net/address.ts';
import { parseQuestion } from '../../functions/firewall/verdict-question.ts';
import { address } from '../unit/api/net/arbitrary.ts';
import { jsonWith, text } from './arbitraries.ts';
import { expectNumber, expectSentence, outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

// What anybody may write behind the question mark of a request: express gives texts, lists of them and objects.
const number = fc.oneof(fc.nat(70_000).map(String), text);
const ip = fc.oneof({ weight: 3, arbitrary: address.map(formatAddress) }, text);
const flag = fc.oneof(fc.constantFrom('true', 'false'), text);
const odd = jsonWith(['a']);
const or = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 20, arbitrary: right }, odd);
const query = fc.record(
  {
    kind: or(fc.constantFrom('Port', 'Instance', 'Arrival', 'Delivery')),
    port: or(fc.oneof(fc.constant('default/web'), text)),
    ...{ source: or(ip), destination: or(ip), protocol: or(number), opens: or(flag), reply: or(flag) },
    ...{ sourcePort: or(number), destinationPort: or(number), icmpType: or(number), path: or(number) },
    ...{ position: or(number), instance: or(number), emitter: or(number), emitterPosition: or(number) },
    ...{ bounces: or(number), vni: or(number) },
  },
  { requiredKeys: ['source', 'destination', 'protocol', 'path'] },
);

const numbersOf = (value: object): readonly number[] =>
  Object.values(value).filter((each): each is number => typeof each === 'number');

test(
  'a question for a trace is refused with the name of the parameter, or has numbers that the kernel may have',
  () => {
    fuzz('trace-query', query, (given) => {
      const outcome = outcomeOf(() => parseQuery(given), [QueryError]);
      if ('error' in outcome) {
        expect(outcome.error.message).toMatch(/^[a-zA-Z]+ (and destination are|is) not /);
        return;
      }
      const { packet, place } = outcome.value;
      for (const each of [...numbersOf(packet), ...numbersOf(place)]) expectNumber(each);
      expect(packet.source.family).toBe(packet.destination.family);
    });
  },
  timeoutMs,
);

test(
  'a question for a verdict is refused with the name of the parameter, or has numbers that a packet may have',
  () => {
    fuzz('verdict-query', query, (given) => {
      const question = parseQuestion(given);
      if (typeof question === 'string') {
        expectSentence(question);
        expect(question).toMatch(/^([a-zA-Z]+: |source and destination are)/);
        return;
      }
      for (const each of numbersOf(question)) expectNumber(each);
      expect(question.source.family).toBe(question.destination.family);
    });
  },
  timeoutMs,
);
