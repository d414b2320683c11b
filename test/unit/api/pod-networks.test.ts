// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOthersNetwork, type NetworkRequest, readPodNetworks } from '../../../api/index.ts';
import { formatAddress } from '../../../api/net/address.ts';
import { formatMac } from '../../../api/net/mac.ts';

/** The requests as short texts, or the complaint as a sentence. */
function parse(text: string): readonly string[] | string {
  const annotations = { 'k8s.v1.cni.cncf.io/networks': text };
  const asked = readPodNetworks({ namespace: 'here', annotations }, () => false);
  return asked.ok ? asked.ours.map(show) : asked.message;
}

function show({ network, interface: name, addresses, mac }: NetworkRequest): string {
  const wishes = [...addresses.map(formatAddress), ...(mac === undefined ? [] : [formatMac(mac)])];
  return [`${network.namespace}/${network.name}@${name}`, ...wishes].join(' ');
}

test.for([
  ['', []],
  ['  ', []],
  ['[]', []],
  ['shop', ['here/shop@net1']],
  ['there/shop', ['there/shop@net1']],
  ['shop@lan', ['here/shop@lan']],
  ['there/shop@net7', ['there/shop@net7']],
  ['shop, there/office@lan ,\n lab', ['here/shop@net1', 'there/office@lan', 'here/lab@net3']],
  ['shop,shop', ['here/shop@net1', 'here/shop@net2']],
  ['[{"name":"shop"}]', ['here/shop@net1']],
  [
    ' [{"name":"shop","namespace":"there","interface":"lan","ips":["10.20.0.5","FD20::5"],"mac":"06:AA:00:00:00:01"},{"name":"lab"}]',
    ['there/shop@lan 10.20.0.5 fd20::5 06:aa:00:00:00:01', 'here/lab@net2'],
  ],
  ['[{"name":"shop","ips":["10.20.0.5/16","fd20::5/64"]}]', ['here/shop@net1 10.20.0.5 fd20::5']],
] as const)('%j asks for %j', ([text, requests]) => {
  expect(parse(text)).toEqual(requests);
});

test.for([
  ['shop,,lab', 'element 2: "" is not of the form network, namespace/network or namespace/network@interface'],
  ['a/b/c', 'element 1: "a/b/c" is not of the form'],
  ['shop@a@b', 'element 1: "shop@a@b" is not of the form'],
  ['shop@', 'element 1: "shop@" is not of the form'],
  ['/shop', 'element 1: "/shop" is not of the form'],
  ['my shop', 'element 1: "my shop" is not of the form'],
  ['Shop', 'element 1, name: "Shop" cannot name a VirtualNetwork'],
  ['There/shop', 'element 1, namespace: "There" cannot name a namespace'],
  ['shop@eth0', 'element 1, interface: "eth0" is kept for the pod itself; choose another name'],
  ['shop@lo', 'element 1, interface: "lo" is kept'],
  ['shop,lab@chain0', 'element 2, interface: "chain0" is kept'],
  ['shop@left', 'element 1, interface: "left" is kept'],
  ['shop@all', 'element 1, interface: "all" is kept'],
  ['shop@sixteenletters-x', 'element 1, interface: "sixteenletters-x" is too long'],
  ['shop@Net_1', 'element 1, interface: "Net_1" cannot name an interface'],
  ['shop@lan,lab@lan', 'element 2, interface: "lan" is the interface of element 1 already; name another'],
  ['shop,lab@net1', 'element 2, interface: "net1" is the interface of element 1 already'],
  ['lab@net2,shop', 'element 2, interface: "net2" is the interface of element 1 already'],
  ['[{"name":"shop"}', 'is not valid JSON'],
  ['{"name":"shop"}', 'must be a JSON list'],
  ['["shop"]', 'element 1: must be an object such as {"name": "shop"}'],
  ['[null]', 'element 1: must be an object'],
  ['[{}]', 'element 1, name: is missing'],
  ['[{"name":""}]', 'element 1, name: must be a text that is not empty'],
  ['[{"name":"a"},{"name":7}]', 'element 2, name: must be a text'],
  ['[{"name":"shop","interface":1}]', 'element 1, interface: must be a text'],
  [
    '[{"name":"shop","default-route":["10.20.0.1"]}]',
    'element 1, default-route: is not possible: the default route of a pod stays with its first interface',
  ],
  ['[{"name":"shop","cni-args":{}}]', 'element 1, cni-args: is for the arguments of a CNI plugin'],
  ['[{"name":"shop","infiniband-guid":"c2"}]', 'element 1, infiniband-guid: is for InfiniBand'],
  ['[{"name":"shop","ipRequest":[]}]', 'element 1, ipRequest: is the name in programs; write ips'],
  ['[{"name":"shop","macRequest":""}]', 'element 1, macRequest: is the name in programs; write mac'],
  [
    '[{"name":"shop","interfaceRequest":""}]',
    'element 1, interfaceRequest: is the former name; write interface',
  ],
  ['[{"name":"shop","bandwidth":{}}]', 'element 1, bandwidth: is not limited by Heddle'],
  ['[{"name":"shop","portMappings":[]}]', 'element 1, portMappings: is not possible'],
  ['[{"name":"shop","ipam-claim-reference":"a"}]', 'element 1, ipam-claim-reference: is for an IPAM'],
  [
    '[{"name":"shop","constructor":1}]',
    'element 1, constructor: is not known here; there are name, namespace, interface, ips, mac',
  ],
  ['[{"name":"shop","\u001b[2J":1}]', 'is not valid JSON: Bad control character'],
  ['[\u202ex]', "is not valid JSON: Unexpected token '\\u202e'"],
  ['[{"name":"shop","\\u001b[2J":1}]', 'element 1, \\u001b[2J: is not known here'],
  [`[{"name":"shop","${'x'.repeat(300)}":1}]`, `element 1, ${'x'.repeat(63)}…: is not known here`],
  ['[{"name":"shop","ips":"10.20.0.5"}]', 'element 1, ips: must be a list of 16 addresses at most'],
  ['[{"name":"shop","ips":[5]}]', 'element 1, ips: must be a list of texts'],
  [
    '[{"name":"shop","ips":["10.20.0.5/33"]}]',
    'element 1, ips: "10.20.0.5/33" has no prefix length of 0 to 32',
  ],
  [
    '[{"name":"shop","ips":["fd20::5/129"]}]',
    'element 1, ips: "fd20::5/129" has no prefix length of 0 to 128',
  ],
  ['[{"name":"shop","ips":["10.20.0.5/016"]}]', 'element 1, ips: "10.20.0.5/016" has no prefix length'],
  ['[{"name":"shop","ips":["10.20.0.5/"]}]', 'element 1, ips: "10.20.0.5/" has no prefix length'],
  ['[{"name":"shop","ips":["10.20.0/16"]}]', 'element 1, ips: "10.20.0" is not an IPv4 or IPv6 address'],
  ['[{"name":"shop","ips":["10.20.0.5/16","10.20.0.5"]}]', 'element 1, ips: has 10.20.0.5 twice'],
  ['[{"name":"shop","ips":["10.20.0.300"]}]', 'element 1, ips: "10.20.0.300" is not an IPv4 or IPv6 address'],
  ['[{"name":"shop","ips":["fd20::5","FD20:0::5"]}]', 'element 1, ips: has fd20::5 twice'],
  ['[{"name":"shop","mac":"0a:00:00:00:00:01"}]', 'element 1, mac: "0a:00:00:00:00:01" begins with 0a'],
  ['[{"name":"shop","mac":"none"}]', 'element 1, mac: "none" is not a hardware address'],
  [Array.from({ length: 17 }, () => 'shop').join(','), 'a pod can join 16 networks at most, not 17'],
] as const)('%j is refused: %s', ([text, message]) => {
  expect(parse(text)).toContain(message);
});

describe('beside other CNIs', () => {
  const isOthers = (key: string) => key === 'here/macvlan' || key === 'infra/sriov.fast';

  function read(standard: string, own?: string) {
    const annotations = {
      'k8s.v1.cni.cncf.io/networks': standard,
      ...(own === undefined ? {} : { 'heddle.dev/networks': own }),
    };
    const asked = readPodNetworks({ namespace: 'here', annotations }, isOthers);
    return asked.ok ? { ours: asked.ours.map(show), others: asked.others.map(show) } : asked.message;
  }

  test('their elements are left to them, with everything that only they understand', () => {
    expect(read('macvlan, shop, infra/sriov.fast@Fast_0')).toEqual({
      ours: ['here/shop@net2'],
      others: ['here/macvlan@net1', 'infra/sriov.fast@Fast_0'],
    });
    const elements = [
      { name: 'macvlan', 'default-route': ['10.0.0.1'], 'cni-args': { a: 1 }, mac: 'x', ips: ['auto'] },
      { name: 'shop', ips: ['10.20.0.5'] },
    ];
    expect(read(JSON.stringify(elements))).toMatchObject({ ours: ['here/shop@net2 10.20.0.5'] });
  });

  test('an element of ours may not take the interface of one of theirs, before it or after it', () => {
    expect(read('macvlan, shop@net1')).toContain(
      'element 2, interface: "net1" is the interface of element 1',
    );
    expect(read('shop@net2, macvlan')).toContain(
      'element 1, interface: "net2" is the interface of element 2',
    );
    expect(read('macvlan@a, macvlan@a')).toMatchObject({ ours: [] });
    expect(read('macvlan', 'shop@net1')).toBe(
      'annotation heddle.dev/networks: element 1, interface: "net1" is the interface of element 1 of k8s.v1.cni.cncf.io/networks already; name another',
    );
  });

  test('the annotation of Heddle names networks of Heddle only, and its interfaces come after those of the other', () => {
    expect(read('macvlan, macvlan', 'shop, macvlan')).toEqual({
      ours: ['here/shop@net3', 'here/macvlan@net4'],
      others: ['here/macvlan@net1', 'here/macvlan@net2'],
    });
    expect(read('', 'shop')).toEqual({ ours: ['here/shop@net1'], others: [] });
    expect(read('shop', 'shop/@')).toContain('annotation heddle.dev/networks: element 1:');
  });

  test('the limit counts networks of Heddle', () => {
    const seventeen = Array.from({ length: 17 }, () => 'macvlan').join();
    expect(read(`${seventeen}, shop`)).toMatchObject({ ours: ['here/shop@net18'] });
  });

  test.for([
    [true, true, false],
    [true, false, false],
    [false, true, true],
    [false, false, false],
  ] as const)(
    'VirtualNetwork %s, NetworkAttachmentDefinition %s: left to others %s',
    ([network, definition, is]) => {
      const networks = new Set(network ? ['here/a'] : []);
      const definitions = new Set(definition ? ['here/a'] : []);
      expect(isOthersNetwork('here/a', { networks, definitions })).toBe(is);
    },
  );
});

test('no text whatever makes the parser throw', () => {
  const json = fc.json().map((text) => `[${text}]`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (text) => {
      parse(text);
    }),
    { numRuns: 1000 },
  );
});
