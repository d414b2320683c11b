// SPDX-License-Identifier: Apache-2.0
import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { renderTime } from '../../api/conditions.ts';
import { isWireGuardEndpoint } from '../../api/vpn-gateway.ts';
import { type Allowance, allow } from '../../operator/report/allowance.ts';
import { parseGatewayReport } from '../../operator/report/gateway.ts';
import { parseReport, ReportError } from '../../operator/report/parse.ts';
import { jsonWith, mostly, text } from './arbitraries.ts';
import { CONTROL, outcomeOf } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const number = fc.oneof(
  { weight: 5, arbitrary: fc.nat() },
  fc.constantFrom(1e13, 2 ** 53, 1e300, -0),
  fc.double(),
);
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
    since: fc.oneof(fc.constant('2026-11-30T18:33:00.123Z'), text),
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
    endpoint: fc.oneof(fc.constantFrom('1.2.3.4:5', '[fd00::1]:51820'), text),
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

/** What goes into a status or a config must be what its schema takes: the API server refuses a status as a whole. */
function expectUsable(value: object): void {
  for (const each of Object.values(value)) {
    if (typeof each === 'number') expect(Number.isSafeInteger(each) && each >= 0).toBe(true);
    else if (typeof each === 'object' && each !== null) expectUsable(each);
  }
  const { latestHandshake, endpoint, since } = value as Partial<Record<string, unknown>>;
  if (typeof latestHandshake === 'number')
    expect(renderTime(new Date(latestHandshake * 1000))).toMatch(/^\d{4}-/);
  if (typeof endpoint === 'string') expect(isWireGuardEndpoint(endpoint)).toBe(true);
  if (typeof since === 'string') expect(new Date(since).getTime()).not.toBeNaN();
}

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
  expectUsable(outcome.value);
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
