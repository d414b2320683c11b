// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { expect, test } from 'vitest';
import { useNamespace } from '../../../tools/cluster/namespace.ts';
import { type Manifest, openApiServer } from './manifests.ts';

const server = openApiServer(useNamespace('docs'));

/** The objects of Heddle in the YAML blocks of a page. */
function manifestsOf(page: string): readonly Manifest[] {
  const text = readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block ?? '');
  return blocks
    .flatMap((block) => loadAll(block) as Manifest[])
    .filter(({ apiVersion }) => apiVersion === 'heddle.dev/v1alpha1');
}

test.for(['api.md', 'networks.md'])('the API server takes what docs/%s shows', async (page) => {
  const manifests = manifestsOf(page);
  expect(manifests.length).toBeGreaterThan(0);
  for (const manifest of manifests) expect(await server.tryCreate(manifest)).toBeUndefined();
});
