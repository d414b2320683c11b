// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { linkerFlags, programName } from '../../../../tools/kind/binaries.ts';
import { planGo } from '../../../../tools/kind/go.ts';
import { multusModule, oldestModule, repository } from '../../../../tools/kind/paths.ts';
import {
  cacheKey,
  fits,
  parseGoMod,
  parseVersion,
  readToolModule,
  versionOf,
} from '../../../../tools/kind/versions.ts';
import { MULTUS } from '../../../../tools/suite/multus.ts';

const goMod = `// A comment with require (
module example.test/tools

go 1.26.0

tool (
	go.etcd.io/etcd/server/v3
	sigs.k8s.io/kind
)

require (
	k8s.io/kubernetes v1.37.2 // indirect
	sigs.k8s.io/kind v0.33.0
)

replace (
	k8s.io/api => k8s.io/api v0.37.2
)
`;

test('a go.mod says which Go, which programs and which versions', () => {
  const module = parseGoMod(goMod);
  expect(module.go).toBe('1.26.0');
  expect(module.tools).toEqual(['go.etcd.io/etcd/server/v3', 'sigs.k8s.io/kind']);
  expect(versionOf(module, 'k8s.io/kubernetes')).toBe('v1.37.2');
  expect(() => versionOf(module, 'k8s.io/api')).toThrow('does not require k8s.io/api');
});

test('the module of tools has every program that the scripts name', () => {
  const names = readToolModule().tools.map(programName);
  expect(names).toEqual(
    expect.arrayContaining(['kind', 'kubectl', 'helm', 'etcd', 'runc', 'kubelet', 'coredns']),
  );
  expect(new Set(names).size).toBe(names.length);
});

test('Kubernetes programs report the version that they were built from', () => {
  const flags = linkerFlags(readToolModule()).join(' ');
  const version = versionOf(readToolModule(), 'k8s.io/kubernetes');
  expect(flags).toContain(`gitVersion=${version}`);
  expect(flags).toContain(`gitMinor=${version.split('.')[1]}`);
});

test('the module of Multus has its programs, and sets no versions of Kubernetes', () => {
  const module = readToolModule(multusModule);
  expect(module.tools.map(programName).sort()).toEqual([...MULTUS].sort());
  expect(linkerFlags(module)).toEqual(['-s', '-w']);
});

test('the oldest Kubernetes of tests is that of the chart and of docs/install.md', () => {
  const version = parseVersion(versionOf(readToolModule(oldestModule), 'k8s.io/kubernetes'));
  const oldest = version?.slice(0, 2).join('.');
  const read = (file: string): string => readFileSync(join(repository, file), 'utf8');
  expect(read('charts/heddle/Chart.yaml')).toContain(`kubeVersion: ">=${oldest}.0-0"`);
  expect(read('docs/install.md')).toContain(`| Kubernetes | ${oldest} or newer.`);
  for (const page of ['README.md', 'charts/heddle/README.md']) {
    expect(read(page)).toContain(`Kubernetes ${oldest}, containerd`);
  }
});

test('versions are found in what programs print', () => {
  expect(parseVersion('go version go1.26.8 linux/amd64')).toEqual([1, 26, 8]);
  expect(parseVersion('Client Version: v1.32.4-dispatcher')).toEqual([1, 32, 4]);
  expect(parseVersion('v4.3')).toEqual([4, 3, 0]);
  expect(parseVersion('unknown')).toBeUndefined();
});

test.each([
  ['kubectl', [1, 36, 0], true],
  ['kubectl', [1, 38, 1], true],
  ['kubectl', [1, 32, 4], false],
  ['kind', [0, 33, 1], true],
  ['kind', [0, 29, 0], false],
  ['helm', [3, 18, 0], true],
  ['helm', [3, 14, 0], false],
] as const)('a %s of %j on the PATH fits: %s', (tool, found, expected) => {
  const ours = { kubectl: [1, 37, 2], kind: [0, 33, 0], helm: [4, 3, 1] } as const;
  expect(fits(tool, found, ours[tool])).toBe(expected);
});

test('an old Go fetches a toolchain by hand, a newer one does it itself', () => {
  expect(planGo(undefined, [1, 26, 0])).toBe('install');
  expect(planGo([1, 19, 8], [1, 26, 0])).toBe('fetch-toolchain');
  expect(planGo([1, 21, 0], [1, 26, 0])).toBe('use');
  expect(planGo([1, 19, 8], [1, 19, 0])).toBe('use');
});

test('a cache key tells apart how its parts are cut', () => {
  expect(cacheKey('ab', 'c')).not.toBe(cacheKey('a', 'bc'));
  expect(cacheKey('ab', 'c')).toBe(cacheKey('ab', 'c'));
});
