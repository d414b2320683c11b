// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTestFiles, findUnmatched, planStages } from '../../../../tools/suite/projects.ts';

describe('which test files a filter means', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'heddle-projects-'));
    for (const file of [
      'test/packets/path.test.ts',
      'test/kernel/vpn/peers.test.ts',
      'test/kernel/vpn/bed.ts',
      'test/cluster/vpn/peers.test.ts',
      'test/cluster/chart/lifecycle.test.ts',
    ]) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), '');
    }
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is every test file of the project without a filter', () => {
    expect(findTestFiles(root, 'kernel', [])).toEqual([
      'test/kernel/vpn/peers.test.ts',
      'test/packets/path.test.ts',
    ]);
    expect(findTestFiles(root, 'cluster', [])).toEqual(['test/cluster/vpn/peers.test.ts']);
  });

  it('is those whose path contains one of the filters, in any case, with ./ or without', () => {
    expect(findTestFiles(root, 'kernel', ['./test/kernel/VPN', 'nothing'])).toEqual([
      'test/kernel/vpn/peers.test.ts',
    ]);
  });

  it('a filter without a file in any project is found', () => {
    const filters = ['peers', 'bed', 'path', 'chart'];
    expect(findUnmatched(root, ['kernel', 'cluster'], filters)).toEqual(['bed', 'chart']);
    expect(findUnmatched(root, ['kernel', 'cluster', 'chart'], filters)).toEqual(['bed']);
  });
});

describe('which files run at the same time', () => {
  const files = [
    'test/cluster/resilience/away.test.ts',
    'test/cluster/api/docs.test.ts',
    'test/cluster/vpn/takeover.test.ts',
    'test/cluster/operator/edits.test.ts',
    'test/cluster/vpn/peers.test.ts',
    'test/cluster/loadbalancer/input.test.ts',
  ];

  it('those that use the same ports take turns beside the others, and those that measure time run by themselves', () => {
    expect(planStages('cluster', files)).toEqual([
      {
        groups: [
          { files: [files[1], files[3]], workers: 2 },
          { files: [files[4], files[5]], workers: 1 },
        ],
        quiet: false,
      },
      { groups: [{ files: [files[0]], workers: 1 }], quiet: false },
      { groups: [{ files: [files[2]], workers: 1 }], quiet: true },
    ]);
  });

  it('nothing is planned for kinds of files that are not there', () => {
    expect(planStages('cluster', files.slice(0, 1))).toEqual([
      { groups: [{ files: [files[0]], workers: 1 }], quiet: false },
    ]);
    expect(planStages('cluster', [])).toEqual([]);
  });
});
