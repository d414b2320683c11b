// SPDX-License-Identifier: Apache-2.0
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { renderKrewManifest } from '../../../../tools/release/krew.ts';

test('the manifest for krew names each archive with its checksum and what is in it', () => {
  const text = renderKrewManifest({
    version: '1.2.3',
    downloads: 'https://example.com/v1.2.3',
    archives: [
      { arch: 'amd64', file: 'a.tar.gz', sha256: 'aa' },
      { arch: 'arm64', file: 'b.tar.gz', sha256: 'bb' },
    ],
  });
  expect(load(text)).toMatchObject({
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'heddle' },
    spec: {
      version: 'v1.2.3',
      platforms: [
        {
          selector: { matchLabels: { os: 'linux', arch: 'amd64' } },
          uri: 'https://example.com/v1.2.3/a.tar.gz',
          sha256: 'aa',
          bin: 'kubectl-heddle',
        },
        { uri: 'https://example.com/v1.2.3/b.tar.gz', sha256: 'bb' },
      ],
    },
  });
});
