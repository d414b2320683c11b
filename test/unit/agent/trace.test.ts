// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { LocalState } from '../../../agent/observe/local.ts';
import { createAgentStores } from '../../../agent/observe/stores.ts';
import { renderFlowKey } from '../../../agent/render/flow.ts';
import {
  type BpfMapName,
  ENDPOINT_F_PORT,
  encodeAddressKey,
  encodeEndpoint,
  encodeFlow,
  encodeFlowKey,
  encodeNetwork,
  encodePath,
  encodePort,
  encodeRules,
  encodeRulesKey,
  FLOW_F_OPENER_IS_LOW,
  FLOW_F_OPENER_KNOWN,
  FLOW_OPENER,
  PATH_F_AMBIGUOUS,
  RULE_F_REPLY,
  RULES_PER_SEGMENT,
  type Rule,
  SEGMENT_NONE,
} from '../../../agent/render/generated/layout.ts';
import { bytesKey } from '../../../agent/render/keys.ts';
import { encodeU32 } from '../../../agent/render/scalar.ts';
import { parseQuery, QueryError } from '../../../agent/trace/query.ts';
import { createTracer } from '../../../agent/trace/route.ts';
import { parseAddress } from '../../../api/net/address.ts';
import { mappedBytes } from '../../../api/net/mapped.ts';

const VNI = 4097;
const CLIENT = '10.20.0.1';
const SERVER = '10.20.0.3';
const ASKED = {
  kind: 'Port',
  port: 'shop/client',
  source: CLIENT,
  destination: SERVER,
  protocol: '6',
  sourcePort: '40000',
  destinationPort: '80',
};

/** Maps as a test fills them; `prefixes` are left out, since only the kernel finds the longest one. */
class Maps {
  readonly #maps = new Map<BpfMapName, Map<string, Uint8Array>>();

  set(map: BpfMapName, key: Uint8Array, value: Uint8Array): this {
    const content = this.#maps.get(map) ?? new Map<string, Uint8Array>();
    this.#maps.set(map, content.set(bytesKey(key), value));
    return this;
  }

  endpoint(address: string, classId: bigint, ifindex: number): this {
    const key = encodeAddressKey({ vni: VNI, address: mappedBytes(parseAddress(address)) });
    const endpoint = {
      classId: [0n, classId],
      ifindex,
      vtep: new Uint8Array(16),
      mac: new Uint8Array(6),
      flags: ENDPOINT_F_PORT,
    };
    return this.set('addresses', key, encodeEndpoint(endpoint));
  }

  rules(segment: number, rule: readonly Rule[], more = 0): this {
    const key = encodeRulesKey({ sourceClass: 11n, destinationClass: 22n, segment, bank: 1 });
    return this.set('classifier', key, encodeRules({ count: rule.length, more, rule }));
  }

  readonly lookup = async ({
    path,
    key,
  }: {
    path: string;
    key: Uint8Array;
  }): Promise<Uint8Array | undefined> =>
    this.#maps.get(path.split('/').at(-1) as BpfMapName)?.get(bytesKey(key));
}

/** A node with two pods; bank 1 of the network counts. */
function node(): Maps {
  const port = { pool: 0n, vni: VNI, instance: 0, flags: 0, mac: new Uint8Array(6), mtu: 1450 };
  return new Maps()
    .set('ports', encodeU32(5), encodePort(port))
    .set('networks', encodeU32(VNI), encodeNetwork({ mtu: 1450, flags: 0, bank: 1 }))
    .endpoint(CLIENT, 11n, 5)
    .endpoint(SERVER, 22n, 6);
}

function rule(path: number, more: Partial<Rule> = {}): Rule {
  return { path, protocol: 0, flags: 0, portFirst: 0, portLast: 65535, ...more };
}

function path(id: number, flags = 0): [Uint8Array, Uint8Array] {
  return [encodeU32(id), encodePath({ vni: VNI, hops: 0, flags, bank: 0, epoch: 0 })];
}

async function ask(maps: Maps, query: Readonly<Record<string, string>> = {}) {
  const local = new LocalState('one');
  local.attached('shop/client', { hostName: 'hd0', ifindex: 5 });
  const kernel = { mapLookup: maps.lookup };
  const trace = createTracer({
    kernel,
    mapsDir: '/maps',
    local,
    stores: createAgentStores(),
    node: { innerMtu: 1450, hasIpv6: true },
  });
  return trace({ ...ASKED, ...query });
}

describe('a trace from a Port', () => {
  test('without a chain goes straight to the owner of the address, and says why no chain takes it', async () => {
    const step = await ask(node());
    expect(step.classification).toEqual({
      kind: 'NoChain',
      why: 'no chain names both the source and the destination',
    });
    expect(step.next).toMatchObject({ kind: 'Port', toNode: 'one' });
    const others = await ask(node().rules(0, [rule(7, { protocol: 17 })]));
    expect(others.classification).toMatchObject({ why: expect.stringContaining('other protocols or ports') });
    const unnamed = await ask(node().endpoint(SERVER, 0n, 6));
    expect(unnamed.classification).toMatchObject({ why: `no chain names the destination ${SERVER}` });
  });

  test('takes the first rule that matches, over more than one segment', async () => {
    const full = Array.from({ length: RULES_PER_SEGMENT }, () => rule(7, { protocol: 17 }));
    const web = rule(8, { protocol: 6, portFirst: 80, portLast: 89 });
    const maps = node()
      .rules(0, full, 1)
      .rules(1, [web, rule(9)])
      .set('paths', ...path(8));
    expect((await ask(maps)).classification).toMatchObject({
      kind: 'Chain',
      path: 8,
      reply: false,
      why: 'the source is in its `from`, the destination in its `to`, and it takes protocol 6, destination port 80-89',
    });
  });

  test('of a reversed rule matches the source port, and is in the reply direction', async () => {
    const maps = node()
      .rules(0, [rule(8, { protocol: 6, flags: RULE_F_REPLY, portFirst: 40000, portLast: 40000 })])
      .set('paths', ...path(8));
    expect((await ask(maps)).classification).toMatchObject({ path: 8, reply: true });
    expect((await ask(maps, { sourcePort: '40001' })).classification).toMatchObject({ kind: 'NoChain' });
  });

  test('where a chain takes both ways, whoever opened the flow tells; of an unknown flow, the one who asks', async () => {
    const both = () =>
      node()
        .rules(0, [rule(8), rule(8, { flags: RULE_F_REPLY })])
        .set('paths', ...path(8, PATH_F_AMBIGUOUS));
    const isReply = async (maps: Maps, query: Readonly<Record<string, string>> = {}) => {
      const { classification } = await ask(maps, query);
      return classification?.kind === 'Chain' && classification.reply;
    };
    expect(await isReply(both())).toBe(false);
    expect(await isReply(both(), { reply: 'true' })).toBe(true);
    const tuple = {
      source: parseAddress(SERVER),
      destination: parseAddress(CLIENT),
      protocol: 6,
      sourcePort: 80,
      destinationPort: 40000,
    };
    const key = renderFlowKey(tuple, { path: 8, segment: SEGMENT_NONE, kind: FLOW_OPENER });
    const serverIsLow = Buffer.compare(key.low, mappedBytes(parseAddress(SERVER))) === 0;
    const opened = (by: 'client' | 'server') => {
      const flags = FLOW_F_OPENER_KNOWN | ((by === 'server') === serverIsLow ? FLOW_F_OPENER_IS_LOW : 0);
      return both().set(
        'flows',
        encodeFlowKey(key),
        encodeFlow({
          left: 0,
          right: 0,
          flags,
          straightUntil: 0,
          straightEpoch: 0,
          confirmedAt: 0,
          checkedAt: 0,
        }),
      );
    };
    expect(await isReply(opened('client'))).toBe(false);
    expect(await isReply(opened('server'))).toBe(true);
    // A SYN opens anew, whatever was before.
    expect(await isReply(opened('server'), { opens: 'true' })).toBe(false);
  });

  test('says what is missing: the Port, the source, the path', async () => {
    expect((await ask(node(), { port: 'shop/other' })).next).toMatchObject({
      kind: 'Drop',
      reason: 'unknown_port',
    });
    expect((await ask(node(), { source: '10.20.0.3', destination: CLIENT })).next).toMatchObject({
      reason: 'spoofed_source',
    });
    expect((await ask(node().rules(0, [rule(8)]))).next).toMatchObject({ reason: 'unknown_path' });
  });
});

describe('a query to /trace', () => {
  test('names the place and the packet', () => {
    expect(parseQuery(ASKED)).toEqual({
      packet: {
        source: parseAddress(CLIENT),
        destination: parseAddress(SERVER),
        protocol: 6,
        sourcePort: 40000,
        destinationPort: 80,
        opens: false,
      },
      place: { kind: 'Port', port: 'shop/client', reply: false },
    });
    const arrival = {
      ...ASKED,
      kind: 'Arrival',
      instance: '7',
      path: '3',
      position: '1',
      emitter: '4',
      emitterPosition: '0',
    };
    expect(parseQuery(arrival).place).toEqual({
      kind: 'Arrival',
      instance: 7,
      path: 3,
      position: 1,
      reply: false,
      emitter: 4,
      emitterPosition: 0,
      bounces: 0,
    });
    expect(parseQuery({ ...ASKED, kind: 'Delivery', vni: '4097' }).place).toEqual({
      kind: 'Delivery',
      vni: 4097,
    });
  });

  test.each([
    [{ kind: 'Elsewhere' }, 'kind'],
    [{ source: 'x' }, 'source'],
    [{ destination: 'fd20::1' }, 'one family'],
    [{ protocol: '' }, 'protocol'],
    [{ sourcePort: '65536' }, 'sourcePort'],
    [{ port: 'client' }, 'namespace/name'],
    [{ kind: 'Instance', instance: '1', path: '3', position: '16' }, 'position'],
    [{ kind: 'Delivery' }, 'vni'],
  ])('%j is refused by naming the parameter', (wrong, message) => {
    expect(() => parseQuery({ ...ASKED, ...wrong })).toThrow(QueryError);
    expect(() => parseQuery({ ...ASKED, ...wrong })).toThrow(message);
  });
});
