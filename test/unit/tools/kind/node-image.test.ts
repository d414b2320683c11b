// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { entrypointOf, programOf, renderArchive } from '../../../../tools/kind/node-image/archive.ts';

test('an image of the control plane is the program of its name', () => {
  expect(programOf('registry.k8s.io/coredns/coredns:v1.14.6')).toBe('coredns');
  expect(programOf('registry.k8s.io/etcd:3.7.0-0')).toBe('etcd');
});

test('only images whose pods set no command have an entry point', () => {
  expect(entrypointOf('pause')).toEqual(['/pause']);
  expect(entrypointOf('coredns')).toEqual(['/usr/local/bin/coredns']);
  expect(entrypointOf('kube-apiserver')).toEqual([]);
});

test('an archive names each image, its configuration and its one layer', () => {
  const image = { name: 'k/etcd:1', layer: 'etcd.tar', diffId: 'ab', entrypoint: [] };
  const [manifest, config] = renderArchive([image], 'amd64');
  expect(JSON.parse(manifest?.text ?? '')).toEqual([
    { Config: 'etcd.tar.json', RepoTags: ['k/etcd:1'], Layers: ['etcd.tar'] },
  ]);
  expect(config?.path).toBe('etcd.tar.json');
  expect(JSON.parse(config?.text ?? '').rootfs.diff_ids).toEqual(['sha256:ab']);
});
