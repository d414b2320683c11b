// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeReport } from '../../api/index.ts';
import { ApiError, parseErrorBody } from '../../kube/api-error.ts';
import { parseWatchEvent } from '../../kube/watch-event.ts';
import { chainsOfSlices } from '../../operator/controllers/chain/health.ts';
import { networksOfReport } from '../../operator/controllers/network/triggers.ts';
import { createStores } from '../../operator/observe/observation.ts';
import { complaintOf } from '../../operator/status/node.ts';
import { jsonWith, mostly, text } from './arbitraries.ts';
import { fuzz, timeoutMs } from './fuzz.ts';

const FIELDS = [
  'type',
  'object',
  'metadata',
  'name',
  'kind',
  'status',
  'code',
  'details',
  'message',
  'annotations',
];
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];
const event = fc.record({ type: fc.constantFrom(...TYPES), object: jsonWith(FIELDS) });

test(
  'a line of a watch is an event with a named object, or an error of bounded length',
  () => {
    fuzz('watch-event', fc.oneof(event, jsonWith(FIELDS)), (value) => {
      const read = parseWatchEvent(value);
      if (read.kind === 'Set' || read.kind === 'Delete') expect(read.object.metadata?.name).toBeTruthy();
    });
  },
  timeoutMs,
);

test(
  'the body of a refusal is an error, whatever a proxy wrote into it',
  () => {
    const body = jsonWith(FIELDS).map((value) => JSON.stringify(value));
    const header = fc.option(fc.oneof(fc.nat(100).map(String), text), { nil: undefined });
    fuzz(
      'error-body',
      fc.tuple(fc.integer({ min: 400, max: 599 }), mostly(body), header),
      ([code, given, after]) => {
        const error = parseErrorBody(code, given, after);
        expect(error).toBeInstanceOf(ApiError);
      },
    );
  },
  timeoutMs,
);

const counted = fc.dictionary(
  fc.oneof(fc.constantFrom('default/shop-0', 'default/shop-12'), text),
  fc.nat(3),
  {
    maxKeys: 4,
  },
);
/** What the schema of NodeReport admits, with the names that an agent whose token was stolen may choose. */
const report: fc.Arbitrary<NodeReport> = fc
  .record(
    {
      vteps: fc.array(fc.constantFrom('10.0.0.1', 'fd00::1'), { maxLength: 2 }),
      underlayMtu: fc.nat(),
      vnis: fc.array(fc.nat(16_777_215), { maxLength: 4 }),
      slices: counted,
      networks: counted,
      down: fc.array(fc.nat(65_535), { maxLength: 4 }),
      unreachable: fc.array(text, { maxLength: 4 }),
    },
    { requiredKeys: [] },
  )
  .map((status) => ({
    apiVersion: 'internal.heddle.dev/v1alpha1',
    kind: 'NodeReport',
    metadata: { name: 'n', namespace: 'heddle-system' },
    status,
  }));

test(
  'the report of a node concerns what it names, and costs no more than its length',
  () => {
    const none = createStores();
    const stores = { virtualNetworks: new Map() } as unknown as Parameters<typeof networksOfReport>[0];
    fuzz('node-report', fc.tuple(fc.option(report), report), ([before, after]) => {
      const { slices = {}, networks = {} } = after.status ?? {};
      const named = Object.keys(slices).length + Object.keys(before?.status?.slices ?? {}).length;
      const chains = chainsOfSlices(none, before ?? undefined, after);
      expect(chains.length).toBeLessThanOrEqual(named);
      expect(chainsOfSlices(none, after, after)).toEqual([]);
      const changed = networksOfReport(stores, after, after);
      expect(changed).toEqual([]);
      expect(Object.keys(networks).length).toBeLessThanOrEqual(4);
      complaintOf(after);
    });
  },
  timeoutMs,
);
