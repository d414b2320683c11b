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

function resolve(reader: SetReader, lists: TextObject | undefined, onInvalid?: 'Skip' | 'Keep') {
  const sets = spec.sets?.map((set) => (set.name === 'bad' && onInvalid ? { ...set, onInvalid } : set));
  const resolved = reader.resolve(
    { ...spec, sets },
    {
      configMaps: new Map(lists ? [['lists', lists]] : []),
      selectedPods: undefined,
    },
  );
  return { ...resolved, bad: [...(resolved.sets.get('set-bad-v4-hosts')?.elements?.keys() ?? [])] };
}

/** A reader that has read a list of this text. */
function readerOf(text: string): SetReader {
  const reader = new SetReader();
  resolve(reader, listOf(text, '1'));
  return reader;
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

  test('a bad line is told with its number, and the other lines count', () => {
    const text = '192.0.2.9\n192.0.2.300\n192.0.2.8\n';
    for (const reader of [new SetReader(), readerOf('192.0.2.1')]) {
      const { stale, missing, bad, sets } = resolve(reader, listOf(text, '2'));
      expect(missing).toEqual([]);
      expect(stale).toEqual([
        {
          field: 'spec.sets[1].configMapRef',
          message: expect.stringMatching(
            /^set bad: 1 of 3 lines cannot be read: ConfigMap lists, key bad\.txt, line 2: "192\.0\.2\.300".*; the other lines are used$/,
          ),
        },
      ]);
      expect(bad).toEqual(['192.0.2.9', '192.0.2.8']);
      expect(sets.get('set-good-v4-ranges')?.elements).toEqual(new Map([['10.0.0.0/8', '']]));
      // It is told as long as the line is there.
      expect(resolve(reader, listOf(text, '2')).stale).toEqual(stale);
      expect(resolve(reader, listOf('192.0.2.9', '3')).stale).toEqual([]);
    }
  });

  test('with onInvalid: Keep the last contents stay that could be read whole, and a new instance uses the good lines', () => {
    const text = '192.0.2.9\n192.0.2.300\n192.0.2.8\n';
    const kept = resolve(readerOf('192.0.2.1'), listOf(text, '2'), 'Keep');
    expect(kept.bad).toEqual(['192.0.2.1']);
    expect(kept.missing).toEqual([]);
    expect(kept.stale[0]?.message).toMatch(/line 2: .*; the last good contents stay$/);
    const fresh = resolve(new SetReader(), listOf(text, '2'), 'Keep');
    expect(fresh.bad).toEqual(['192.0.2.9', '192.0.2.8']);
    expect(fresh.missing).toEqual([]);
  });

  test('a page with an error in place of a feed empties no set', () => {
    const page = '<html>\n<body>not found</body>\n192.0.2.9\n</html>\n';
    const kept = resolve(readerOf('192.0.2.1'), listOf(page, '2'));
    expect(kept.bad).toEqual(['192.0.2.1']);
    expect(kept.stale[0]?.message).toMatch(
      /^set bad: 3 of 4 lines .*this is most of the list, so none of it is used$/,
    );
    expect(resolve(new SetReader(), listOf(page)).missing).toHaveLength(1);
  });

  test('the usual forms of feeds are read', () => {
    const feed = [
      '\ufeff; Spamhaus DROP List 2026/11/30',
      '// another comment',
      '192.0.2.0/25 ; SBL256894',
      '198.51.100.7\t2026-11-30\tscanner',
      '198.51.100.8,malware,7',
      '198.51.100.9|x',
      '203.0.113.1 - 203.0.113.6',
      '203.0.113.8-203.0.113.9 # here',
      'fd20::1 // there',
    ].join('\r\n');
    const { sets, stale, missing, bad } = resolve(new SetReader(), listOf(feed));
    expect([...stale, ...missing]).toEqual([]);
    expect(bad).toEqual(['198.51.100.7', '198.51.100.8', '198.51.100.9']);
    expect([...sets.get('set-bad-v4-ranges')!.elements!.keys()]).toEqual([
      '192.0.2.0/25',
      '203.0.113.1-203.0.113.6',
      '203.0.113.8/31',
    ]);
    expect([...sets.get('set-bad-v6-hosts')!.elements!.keys()]).toEqual(['fd20::1']);
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

  test('an edit of the addresses in the spec is read, whatever was known of the set before', () => {
    const reader = new SetReader();
    const read = (...cidrs: readonly string[]) => {
      const edited = { ...spec, sets: [{ name: 'good', cidrs }, spec.sets![1]!] };
      const { sets } = reader.resolve(edited, {
        configMaps: new Map([['lists', listOf('192.0.2.1')]]),
        selectedPods: undefined,
      });
      return [...sets.get('set-good-v4-ranges')!.elements!.keys()];
    };
    expect(read('10.0.0.0/8')).toEqual(['10.0.0.0/8']);
    expect(read('10.0.0.0/8', '172.16.0.0/12')).toEqual(['10.0.0.0/8', '172.16.0.0/12']);
    expect(read('172.16.0.0/12')).toEqual(['172.16.0.0/12']);
  });

  test('another ConfigMap or key is read, though neither has another version', () => {
    const reader = new SetReader();
    const read = (name: string, key: string) => {
      const edited = { ...spec, sets: [spec.sets![0]!, { name: 'bad', configMapRef: { name, key } }] };
      const data = { 'bad.txt': '192.0.2.1', 'other.txt': '192.0.2.2' };
      const metadata = { uid: 'u', resourceVersion: '1' };
      const { sets } = reader.resolve(edited, {
        configMaps: new Map([
          ['lists', { metadata, data }],
          ['more', { metadata, data: { 'bad.txt': '192.0.2.3' } }],
        ]),
        selectedPods: undefined,
      });
      return [...sets.get('set-bad-v4-hosts')!.elements!.keys()];
    };
    expect(read('lists', 'bad.txt')).toEqual(['192.0.2.1']);
    expect(read('lists', 'other.txt')).toEqual(['192.0.2.2']);
    expect(read('more', 'bad.txt')).toEqual(['192.0.2.3']);
  });

  test('pods are resolved for either end of a rule; a selector that matches no pods matches no packet, not every packet', () => {
    const selector = { podSelector: { matchLabels: { app: 'web' } } };
    const rule = { name: 'p', action: 'Drop' } as const;
    for (const end of ['source', 'destination'] as const) {
      const reader = new SetReader();
      const read = (addresses: readonly string[], resourceVersion: string) => {
        const key = JSON.stringify(selector);
        const file = { paths: [], selectors: { [key]: [{ pathId: 12, addresses }] } };
        return reader.resolve(
          { ...spec, rules: [{ ...rule, [end]: selector }] },
          {
            configMaps: new Map(),
            selectedPods: { metadata: { resourceVersion }, data: { 'peers.json': JSON.stringify(file) } },
          },
        );
      };
      const elements = (...of: Parameters<typeof read>) =>
        [...read(...of).sets.values()].map((set) => [...set.elements!.keys()]);
      expect(read([], '0').missing).toEqual([]);
      expect(elements([], '0')).toEqual([[], []]);
      expect(elements(['10.20.0.5', 'fd20::5'], '1')).toEqual([['12 . 10.20.0.5'], ['12 . fd20::5']]);
      expect(elements(['10.20.0.6'], '2')).toEqual([['12 . 10.20.0.6'], []]);
    }
  });

  test('pods that the operator has not resolved are missing: without them a rule would not mean what it says', () => {
    const pods: FirewallSpec = {
      ...spec,
      rules: [{ name: 'p', action: 'Drop', source: { podSelector: {} } }],
    };
    const { missing } = new SetReader().resolve(pods, { configMaps: new Map(), selectedPods: undefined });
    expect(missing[0]?.field).toBe('spec.rules[0].source.podSelector');
  });

  describe('what the operator keeps', () => {
    const PAGE = '<html>\nnot found\n192.0.2.9\n';
    const see = (
      reader: SetReader,
      options: { list?: TextObject; kept?: TextObject; onInvalid?: 'Keep' },
    ) => {
      const { list, kept, onInvalid } = options;
      const sets = spec.sets?.map((set) => (set.name === 'bad' && onInvalid ? { ...set, onInvalid } : set));
      const {
        sets: found,
        missing,
        stale,
        read,
      } = reader.resolve(
        { ...spec, sets },
        {
          configMaps: new Map(list ? [['lists', list]] : []),
          selectedPods: undefined,
          kept: new Map(kept ? [['bad', kept]] : []),
        },
      );
      const addresses = [...(found.get('set-bad-v4-hosts')?.elements?.keys() ?? [])];
      return { addresses, read, said: [...missing, ...stale].length, missing: missing.length };
    };
    const kept = listOf('192.0.2.1\n', '1');

    for (const [what, list, onInvalid] of [
      ['is no list any more', listOf(PAGE, '2'), undefined],
      ['has a bad line, and the set says Keep', listOf('192.0.2.2\nnonsense\n', '2'), 'Keep'],
      ['is deleted', undefined, undefined],
      ['has lost the key', listOf('192.0.2.2', '2', 'other'), undefined],
    ] as const) {
      test(`an instance that starts while its list ${what} uses what the others use`, () => {
        const old = new SetReader();
        see(old, { list: listOf('192.0.2.1\n', '1'), ...(onInvalid && { onInvalid }) });
        const given = { ...(list && { list }), kept, ...(onInvalid && { onInvalid }) };
        expect(see(new SetReader(), given)).toEqual({
          addresses: ['192.0.2.1'],
          read: [],
          said: 1,
          missing: 0,
        });
        expect(see(old, given)).toEqual(see(new SetReader(), given));
      });
    }

    test('an instance that has read a list of which no copy was made uses the copy, as the others do, and a later one', () => {
      const reader = new SetReader();
      see(reader, { list: listOf('192.0.2.2\n', '2'), kept });
      expect(see(reader, { list: listOf(PAGE, '3'), kept }).addresses).toEqual(['192.0.2.1']);
      const later = listOf('192.0.2.2\n', '4');
      expect(see(reader, { list: listOf(PAGE, '3'), kept: later }).addresses).toEqual(['192.0.2.2']);
    });

    test('a list that can be read is used and reported as read, whatever is kept', () => {
      const reader = new SetReader();
      const list = listOf('192.0.2.2\nnonsense\n', '2');
      expect(see(reader, { list, kept })).toMatchObject({ addresses: ['192.0.2.2'], read: ['bad'], said: 1 });
      expect(see(reader, { list, kept: listOf('192.0.2.3', '9') })).toMatchObject({ read: ['bad'] });
    });

    test('a copy that cannot be read is as none', () => {
      const broken: TextObject = { metadata: kept.metadata, binaryData: { 'x.gz': 'AAAA' } };
      const reader = new SetReader();
      expect(see(reader, { list: listOf(PAGE), kept: broken }).missing).toBe(1);
      see(reader, { list: listOf('192.0.2.2', '2'), kept: broken });
      expect(see(reader, { list: listOf(PAGE, '3'), kept: broken }).addresses).toEqual(['192.0.2.2']);
    });
  });
});
