// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { FirewallSpec } from '../../../../api/index.ts';
import { SetReader, type TextObject } from '../../../../functions/firewall/sets.ts';

const spec: FirewallSpec = {
  replicas: 1,
  drainSeconds: 30,
  stateful: true,
  defaultAction: 'Drop',
  sets: [
    { name: 'good', cidrs: ['10.0.0.0/8'] },
    { name: 'bad', configMapRef: { name: 'lists', key: 'bad.txt' } },
    { name: 'unused', configMapRef: { name: 'nowhere' } },
  ],
  rules: [
    { name: 'a', action: 'Accept', source: { set: 'good' } },
    { name: 'b', action: 'Drop', source: { set: 'bad' } },
  ],
};

function resolve(reader: SetReader, lists: TextObject | undefined) {
  const resolved = reader.resolve(spec, {
    configMaps: new Map(lists ? [['lists', lists]] : []),
    selectedPods: undefined,
  });
  return { ...resolved, bad: [...(resolved.sets.get('set-bad-v4-hosts')?.elements?.keys() ?? [])] };
}

function listOf(text: string, version = '1', key = 'bad.txt'): TextObject {
  return { metadata: { uid: 'u', resourceVersion: version }, data: { [key]: text } };
}

describe('firewall: sets', () => {
  test('only the sets that rules name are read', () => {
    const { sets, missing, stale } = resolve(new SetReader(), listOf('192.0.2.1'));
    expect([...sets.keys()].some((name) => name.includes('unused'))).toBe(false);
    expect([...missing, ...stale]).toEqual([]);
  });

  test('comments and blank lines are nothing, and an address twice is one', () => {
    const { bad } = resolve(
      new SetReader(),
      listOf('# all\n\n192.0.2.1 # one\r\n192.0.2.1/32\n  192.0.2.2\n'),
    );
    expect(bad).toEqual(['192.0.2.1', '192.0.2.2']);
  });

  test('a bad line names set, ConfigMap, key, line and text; other sets and what it held before stay', () => {
    const reader = new SetReader();
    resolve(reader, listOf('192.0.2.1', '1'));
    const { stale, missing, bad, sets } = resolve(reader, listOf('192.0.2.9\n192.0.2.300\n', '2'));
    expect(missing).toEqual([]);
    expect(stale).toEqual([
      {
        field: 'spec.sets[1].configMapRef',
        message: expect.stringMatching(/^set bad: ConfigMap lists, key bad\.txt, line 2: "192\.0\.2\.300"/),
      },
    ]);
    expect(bad).toEqual(['192.0.2.1']);
    expect(sets.get('set-good-v4-ranges')?.elements).toEqual(new Map([['10.0.0.0/8', '']]));
  });

  test('a ConfigMap that goes leaves what it held; one that never came is missing', () => {
    const reader = new SetReader();
    expect(resolve(reader, undefined).missing[0]).toEqual({
      field: 'spec.sets[1].configMapRef',
      message: 'set bad: there is no ConfigMap lists; make it, or take the set out',
    });
    resolve(reader, listOf('192.0.2.1'));
    const { stale, bad } = resolve(reader, undefined);
    expect(stale).toHaveLength(1);
    expect(bad).toEqual(['192.0.2.1']);
  });

  test('a key that is not there is said, and one of gzip is read', () => {
    expect(resolve(new SetReader(), listOf('192.0.2.1', '1', 'other')).missing[0]?.message).toBe(
      'set bad: ConfigMap lists has no key bad.txt',
    );
    const zipped = { binaryData: { 'list.gz': gzipSync('192.0.2.7\n').toString('base64') } };
    const all: FirewallSpec = {
      ...spec,
      sets: [spec.sets![0]!, { name: 'bad', configMapRef: { name: 'lists' } }],
    };
    const { sets } = new SetReader().resolve(all, {
      configMaps: new Map([['lists', zipped]]),
      selectedPods: undefined,
    });
    expect([...sets.get('set-bad-v4-hosts')!.elements!.keys()]).toEqual(['192.0.2.7']);
  });

  test('pods that the operator has not resolved are missing: without them a rule would not mean what it says', () => {
    const pods: FirewallSpec = {
      ...spec,
      rules: [{ name: 'p', action: 'Drop', source: { podSelector: {} } }],
    };
    const { missing } = new SetReader().resolve(pods, { configMaps: new Map(), selectedPods: undefined });
    expect(missing[0]?.field).toBe('spec.rules[0].source.podSelector');
  });
});
