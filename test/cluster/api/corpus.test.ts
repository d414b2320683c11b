// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { openApiServer, readCorpus } from './manifests.ts';

const server = openApiServer(useNamespace('corpus'));
const invalid = readCorpus('invalid');
const valid = readCorpus('valid');

test('the corpus has at least 60 invalid manifests, each with the field and the message to expect', () => {
  expect(invalid.length).toBeGreaterThanOrEqual(60);
  expect(invalid.filter(({ expect: { field, message } }) => !field || !message)).toEqual([]);
});

test.for(invalid)('$name is refused with a message that names the field', async (file) => {
  const refusal = await server.tryCreate(file.manifest);
  expect(refusal?.message).toContain(file.expect.field);
  expect(refusal?.message).toContain(file.expect.message);
});

test.for(valid)('$name is accepted', async (file) => {
  expect(await server.tryCreate(file.manifest)).toBeUndefined();
});
