// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAcceptRoutes } from '../../api/accept-routes.ts';
import { formatComplaint, type NetworkRequest, parseWeight, readPodNetworks } from '../../api/index.ts';
import { formatAddress } from '../../api/net/address.ts';
import { formatMac } from '../../api/net/mac.ts';
import { formatPrefix } from '../../api/net/prefix.ts';
import { address, prefix } from '../unit/api/net/arbitrary.ts';
import { jsonWith, mostly, text } from './arbitraries.ts';
import { expectSentence } from './expectations.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const FIELDS = ['name', 'namespace', 'interface', 'ips', 'mac'] as const;
const name = fc.constantFrom('shop', 'a.b', 'Shop', 'x'.repeat(254), 'net1', 'eth0', 'chain0');
const element = fc.record(
  {
    name: fc.oneof(name, text),
    namespace: fc.oneof(name, text),
    interface: fc.oneof(name, text),
    ips: fc.array(fc.oneof(address.map(formatAddress), text), { maxLength: 18 }),
    mac: fc.oneof(fc.constant('06:00:00:00:00:01'), text),
  },
  { requiredKeys: ['name'] },
);
const shape = fc.oneof(
  fc.array(element, { maxLength: 18 }).map((list) => JSON.stringify(list)),
  fc.array(jsonWith(FIELDS), { maxLength: 4 }).map((list) => JSON.stringify(list)),
  fc
    .array(fc.tuple(name, name, name), { maxLength: 18 })
    .map((list) => list.map(([a, b, c]) => `${a}/${b}@${c}`).join()),
);

const show = ({ network, interface: at, addresses, mac }: NetworkRequest) => ({
  name: network.name,
  namespace: network.namespace,
  interface: at,
  ips: addresses.map(formatAddress),
  ...(mac ? { mac: formatMac(mac) } : {}),
});

const read = (text: string, namespace: string) =>
  readPodNetworks({ namespace, annotations: { 'k8s.v1.cni.cncf.io/networks': text } }, () => false);

test(
  'the annotation of networks is refused with a sentence, or means the same when it is written again',
  () => {
    fuzz('networks-annotation', mostly(shape), (given) => {
      const asked = read(given, 'here');
      if (!asked.ok) {
        expectSentence(asked.message);
        return;
      }
      expect(asked.ours.length).toBeLessThanOrEqual(16);
      expect(read(JSON.stringify(asked.ours.map(show)), 'elsewhere')).toEqual(asked);
    });
  },
  timeoutMs,
);

test(
  'a weight is a whole number of 0..256, or refused with a sentence',
  () => {
    fuzz('weight', mostly(fc.nat(300).map(String)), (given) => {
      const parsed = parseWeight(given);
      if (!parsed.ok) expectSentence(formatComplaint(parsed.complaint));
      else expect(String(parsed.value)).toBe(given);
    });
  },
  timeoutMs,
);

test(
  'the routes that a pod accepts are all or ranges, or refused with a sentence',
  () => {
    const ranges = fc.array(prefix.map(formatPrefix), { maxLength: 5 }).map((list) => list.join());
    fuzz('accept-routes', mostly(fc.oneof(fc.constant('all'), ranges)), (given) => {
      const parsed = parseAcceptRoutes(given);
      if (!parsed.ok) expectSentence(formatComplaint(parsed.complaint));
      else if (parsed.value !== 'all')
        expect(parseAcceptRoutes(parsed.value.map(formatPrefix).join())).toEqual(parsed);
    });
  },
  timeoutMs,
);
