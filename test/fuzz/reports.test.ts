// SPDX-License-Identifier: Apache-2.0
import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { type Allowance, allow } from '../../operator/report/allowance.ts';
import { parseGatewayReport } from '../../operator/report/gateway.ts';
import { parseReport, ReportError } from '../../operator/report/parse.ts';
import { jsonWith, mostly, text } from './arbitraries.ts';
import { CONTROL, outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const number = fc.oneof(fc.nat(), fc.double(), fc.integer());
const error = fc.option(fc.record({ field: text, message: text }));
const state = { generation: number, inputs: text, error } as const;
const rule = fc.record({ name: text, packets: number, bytes: number });
const backend = fc.record(
  {
    address: text,
    weight: number,
    healthy: fc.boolean(),
    reason: text,
    pod: text,
    since: text,
    message: text,
  },
  { requiredKeys: ['address', 'weight', 'healthy', 'reason'] },
);
const functionReport = fc.record(
  {
    ...state,
    rules: fc.array(rule, { maxLength: 4 }),
    logged: number,
    backends: fc.array(backend, { maxLength: 4 }),
  },
  { requiredKeys: ['generation', 'inputs', 'error'] },
);
const peer = fc.record(
  {
    name: text,
    publicKey: text,
    latestHandshake: number,
    endpoint: text,
    rxBytes: number,
    txBytes: number,
    connected: fc.boolean(),
  },
  { requiredKeys: ['name', 'publicKey', 'rxBytes', 'txBytes', 'connected'] },
);
const gatewayReport = fc.record(
  {
    ...state,
    role: fc.constantFrom('Active', 'Standby'),
    wireGuard: fc.constantFrom('Kernel', 'Userspace'),
    peers: fc.array(peer, { maxLength: 4 }),
  },
  { requiredKeys: ['generation', 'inputs', 'error', 'role', 'peers'] },
);
const FIELDS = ['generation', 'inputs', 'error', 'field', 'message', 'rules', 'name', 'packets', 'bytes'];
/** Texts of reports: right ones, changed ones, other JSON, anything. */
const textsOf = (right: Arbitrary<unknown>) =>
  mostly(fc.oneof({ weight: 4, arbitrary: right }, jsonWith(FIELDS)).map((value) => JSON.stringify(value)));

const MOST = 3;
const allowances = fc.constantFrom(allow(0), allow(MOST), allow(MOST, new Set(['a', 'b', '__proto__'])));

/** A report that was read can be read again, has no more than is allowed, and nothing that a terminal obeys. */
function expectStable<Value extends object>(
  given: string,
  allowance: Allowance,
  parse: (text: string, allowance: Allowance) => Value,
): void {
  const outcome = outcomeOf(() => parse(given, allowance), [ReportError]);
  if ('error' in outcome) return;
  const again = JSON.stringify(outcome.value);
  // JSON writes C0 as `\\u001b`, and nothing else of a report needs that.
  expect(again).not.toMatch(/\\u00[01]/);
  expect(again).not.toMatch(CONTROL);
  for (const each of Object.values(outcome.value)) {
    if (Array.isArray(each)) expect(each.length).toBeLessThanOrEqual(allowance.entries);
  }
  expect(again.length).toBeLessThanOrEqual(2 * given.length + 200);
  expect(parse(again, allowance)).toEqual(outcome.value);
}

test.each([
  ['report', functionReport, parseReport],
  ['gateway-report', gatewayReport, parseGatewayReport],
] as const)(
  'the answer of an instance to /report is refused with a sentence, or means the same when it is written again (%s)',
  (name, right: Arbitrary<unknown>, parse: (text: string, allowance: Allowance) => object) => {
    fuzz(name, fc.tuple(textsOf(right), allowances), ([given, allowance]) =>
      expectStable(given, allowance, parse),
    );
  },
  timeoutMs,
);
