// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import {
  describeConfig,
  describeLayers,
  parseNodeContent,
  planLoad,
  renderIndex,
  renderManifest,
} from '../../../../tools/kind/oci.ts';

const hex = (digit: string): string => digit.repeat(64);
const config = JSON.stringify({ rootfs: { diff_ids: [`sha256:${hex('a')}`, `sha256:${hex('b')}`] } });

test('a plain layer is named by its contents, a compressed one by its own blob', () => {
  const [plain, packed] = describeLayers(config, [
    { path: `${hex('a')}.tar`, size: 10 },
    { path: `blobs/sha256/${hex('c')}`, size: 20 },
  ]);
  expect(plain).toMatchObject({ digest: `sha256:${hex('a')}`, size: 10 });
  expect(plain?.mediaType).not.toContain('gzip');
  expect(packed).toMatchObject({ digest: `sha256:${hex('c')}`, size: 20 });
  expect(packed?.mediaType).toContain('gzip');
});

test('the same image has the same manifest, and the index names it for containerd', () => {
  const layers = describeLayers(config, [{ path: 'x', size: 1 }]);
  const image = { config: describeConfig(`sha256:${hex('d')}`, 5), layers };
  expect(renderManifest(image)).toBe(renderManifest({ ...image }));
  const index = JSON.parse(renderIndex([{ name: 'localhost/a:dev', digest: `sha256:${hex('e')}`, size: 7 }]));
  expect(index.manifests[0].annotations['io.containerd.image.name']).toBe('localhost/a:dev');
});

const base = { name: 'base', digest: 'sha256:m0', size: 1, blobs: ['sha256:c0', 'sha256:l0'] };
const agent = { name: 'agent', digest: 'sha256:m1', size: 1, blobs: ['sha256:c1', 'sha256:l0', 'sha256:l1'] };

test('a node that has the base layers receives only the new ones', () => {
  const node = parseNodeContent(
    'REF TYPE DIGEST SIZE\nbase application/x sha256:m0 12.0 MiB linux/amd64 -\n',
    'sha256:m0\nsha256:c0\nsha256:l0\n',
  );
  const plan = planLoad([base, agent], node);
  expect(plan.images.map(({ name }) => name)).toEqual(['agent']);
  expect(plan.blobs).toEqual(['sha256:m1', 'sha256:c1', 'sha256:l1']);
});

test('a node that has all images is sent nothing, an empty one each blob once', () => {
  const all = new Map([
    ['base', 'sha256:m0'],
    ['agent', 'sha256:m1'],
  ]);
  expect(planLoad([base, agent], { images: all, blobs: new Set() })).toEqual({ images: [], blobs: [] });
  const blobs = planLoad([base, agent], { images: new Map(), blobs: new Set() }).blobs;
  expect(blobs.filter((digest) => digest === 'sha256:l0')).toHaveLength(1);
  expect(blobs).toHaveLength(6);
});
