// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { endpointKey, findEndpoints, planEndpoints } from '../../../../agent/plan/endpoints.ts';
import type { Holdings, Step } from '../../../../agent/plan/step.ts';
import { decodeEndpoint } from '../../../../agent/render/generated/layout.ts';
import type { EndpointState, NetworkState } from '../../../../agent/render/network.ts';
import { mappedPrefix } from '../../../../api/net/mapped.ts';
import { parsePrefixOrAddress } from '../../../../api/net/prefix.ts';
import { KernelModel } from './kernel-model.ts';

const VNI = 4097;

/** Addresses and ranges with their classes; `10.20.0.1@7` is an entry of the device 7. */
type Sketch = Readonly<Record<string, bigint>>;

function endpointOf(text: string, classId: bigint): EndpointState {
  const [where, device = '1'] = text.split('@');
  const owner = { ifindex: Number(device), vtep: new Uint8Array(16), mac: new Uint8Array(6), flags: 0 };
  return { prefix: mappedPrefix(parsePrefixOrAddress(where!)), classId, owner };
}

function networkOf(sketch: Sketch, vni = VNI): NetworkState {
  const endpoints = Object.entries(sketch).map(([text, id]) => [text, endpointOf(text, id)] as const);
  return { vni, mtu: 1450, endpoints: new Map(endpoints), pairs: [], paths: new Map(), sides: new Map() };
}

const nameOf = new Map(
  ['10.20.0.1', '10.20.0.2', '10.20.0.3', '10.20.0.0/24', '10.20.0.0/16', '10.0.0.0/8', '10.30.0.0/28'].map(
    (text) => [endpointKey(VNI, mappedPrefix(parsePrefixOrAddress(text))).key, text],
  ),
);

/** The entries that steps write, with their class in each bank. */
function written(steps: readonly Step[]): Readonly<Record<string, readonly bigint[]>> {
  const entries = steps.flatMap((step) => (step.op === 'update' ? step.entries : []));
  return Object.fromEntries(entries.map(([key, value]) => [nameOf.get(key), decodeEndpoint(value).classId]));
}

/** A kernel that holds a network. */
function holding(sketch: Sketch, vni = VNI, model = new KernelModel()) {
  const { keys, after } = planEndpoints({
    desired: networkOf(sketch, vni),
    kernel: model.kernel,
    held: undefined,
    found: undefined,
    bank: 0,
    switches: false,
  });
  for (const step of after) model.run(step);
  const held: Holdings = new Map([
    ['addresses', new Set(keys.addresses)],
    ['prefixes', new Set(keys.prefixes)],
  ]);
  return { model, held };
}

function change(before: Sketch, after: Sketch, options: { bank?: number; switches?: boolean } = {}) {
  const { model, held } = holding(before);
  const plan = planEndpoints({
    desired: networkOf(after),
    kernel: model.kernel,
    held,
    found: undefined,
    bank: 0,
    switches: false,
    ...options,
  });
  return { switches: plan.switches, before: written(plan.before), after: written(plan.after) };
}

describe('addresses and ranges of a network', () => {
  test('are not written when nothing changed, also where rules switch the bank', () => {
    const sketch = { '10.20.0.1': 1n, '10.20.0.0/24': 2n };
    const nothing = { switches: false, before: {}, after: {} };
    expect(change(sketch, sketch)).toEqual(nothing);
    expect(change(sketch, sketch, { switches: true })).toEqual(nothing);
  });

  test('are written without a switch when one of them changes its class', () => {
    expect(change({ '10.20.0.1': 1n, '10.20.0.2': 2n }, { '10.20.0.1': 3n, '10.20.0.2': 2n })).toEqual({
      switches: false,
      before: {},
      after: { '10.20.0.1': [3n, 3n] },
    });
  });

  test('are written without a switch when only their owners change', () => {
    const before = { '10.20.0.1@7': 1n, '10.20.0.2@7': 2n };
    expect(change(before, { '10.20.0.1@8': 1n, '10.20.0.2@8': 2n })).toEqual({
      switches: false,
      before: {},
      after: { '10.20.0.1': [1n, 1n], '10.20.0.2': [2n, 2n] },
    });
  });

  test.each([
    [0, [1n, 3n], [2n, 4n]],
    [1, [3n, 1n], [4n, 2n]],
  ])(
    'have the new class in the other bank until the switch, if two change theirs: bank %i',
    (bank, one, two) => {
      const after = { '10.20.0.1': 3n, '10.20.0.2': 4n };
      expect(change({ '10.20.0.1': 1n, '10.20.0.2': 2n }, after, { bank })).toEqual({
        switches: true,
        before: { '10.20.0.1': one, '10.20.0.2': two },
        after: { '10.20.0.1': [3n, 3n], '10.20.0.2': [4n, 4n] },
      });
    },
  );

  test('use the switch of the rules, even if one of them alone changes', () => {
    expect(change({ '10.20.0.1': 1n }, { '10.20.0.1': 3n }, { switches: true })).toEqual({
      switches: true,
      before: { '10.20.0.1': [1n, 3n] },
      after: { '10.20.0.1': [3n, 3n] },
    });
  });

  test('have, when they are new, the class of the longest range around them until the switch', () => {
    const ranges = { '10.30.0.0/28': 9n, '10.20.0.0/16': 5n, '10.20.0.0/24': 6n, '10.0.0.0/8': 4n };
    const after = { ...ranges, '10.20.0.1': 7n, '10.20.0.2': 8n };
    expect(change(ranges, after).before).toEqual({ '10.20.0.1': [6n, 7n], '10.20.0.2': [6n, 8n] });
    expect(change({}, { '10.20.0.1': 7n, '10.20.0.2': 8n }).before).toEqual({
      '10.20.0.1': [0n, 7n],
      '10.20.0.2': [0n, 8n],
    });
  });

  test('have, when they are deleted, the class of the longest range around them after the switch', () => {
    const ranges = { '10.20.0.0/16': 5n, '10.0.0.0/8': 4n };
    const before = { ...ranges, '10.20.0.0/24': 6n, '10.20.0.1': 7n };
    const { before: aside, after } = change(before, { ...ranges, '10.20.0.2': 8n });
    expect(aside).toEqual({ '10.20.0.0/24': [6n, 5n], '10.20.0.1': [7n, 5n], '10.20.0.2': [6n, 8n] });
    expect(after).toEqual({ '10.20.0.2': [8n, 8n] });
  });

  test('count as unchanged when they leave for a range of the same class', () => {
    const range = { '10.20.0.0/24': 6n };
    expect(change({ ...range, '10.20.0.1': 6n, '10.20.0.2': 6n, '10.20.0.3': 7n }, range)).toMatchObject({
      switches: false,
      before: {},
    });
  });

  test('are each other entries in another network', () => {
    const endpoints = networkOf({ '10.20.0.1': 1n }).endpoints;
    const keysIn = (vni: number) =>
      planEndpoints({
        desired: { ...networkOf({}), endpoints, vni },
        kernel: new KernelModel().kernel,
        held: undefined,
        found: undefined,
        bank: 0,
        switches: false,
      }).keys.addresses;
    expect(keysIn(VNI)).toEqual([[...nameOf.keys()][0]]);
    expect(keysIn(VNI + 1)).not.toEqual(keysIn(VNI));
  });
});

describe('an agent that has just started', () => {
  const sketch = { '10.20.0.1': 1n, '10.20.0.2': 2n, '10.20.0.0/24': 3n };

  test('finds the entries of each network', () => {
    const { model, held } = holding(sketch);
    const other = holding({ '10.20.0.3': 1n }, VNI + 1, model);
    const found = findEndpoints(model.kernel);
    expect([...found.keys()].sort()).toEqual([VNI, VNI + 1]);
    expect(found.get(VNI)).toEqual(Object.fromEntries(held));
    expect(found.get(VNI + 1)).toEqual(Object.fromEntries(other.held));
  });

  test('takes into account what it finds, given or not, and nothing of other networks', () => {
    const { model } = holding(sketch);
    holding({ '10.20.0.3': 1n }, VNI + 1, model);
    const options = { desired: networkOf({ '10.20.0.2': 2n }), kernel: model.kernel, held: undefined };
    for (const found of [undefined, findEndpoints(model.kernel).get(VNI)]) {
      const plan = planEndpoints({ ...options, found, bank: 0, switches: false });
      expect(plan.switches).toBe(true);
      expect(written(plan.before)).toEqual({ '10.20.0.1': [1n, 0n], '10.20.0.0/24': [3n, 0n] });
    }
  });
});
