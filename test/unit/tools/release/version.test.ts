// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repository } from '../../../../tools/kind/paths.ts';
import { versionFault, withReleasedChanges, withVersion } from '../../../../tools/release/version.ts';

test.each(['1.2', 'v1.2.3', '1.2.3.4', '01.2.3', '', '1.2.3-'])('%j is no version', (text) => {
  expect(versionFault(text)).toContain('write X.Y.Z');
});

test.each(['0.1.0', '10.20.30', '1.2.3-rc.1'])('%j is a version', (text) => {
  expect(versionFault(text)).toBeUndefined();
});

describe('another version', () => {
  test.each(['package.json', 'package-lock.json'])('in %s changes our own lines only', (file) => {
    const before = readFileSync(join(repository, file), 'utf8');
    const after = withVersion(before, '99.88.77');
    const parsed = JSON.parse(after) as { version: string; packages?: Record<string, { version: string }> };
    expect(parsed.version).toBe('99.88.77');
    if (parsed.packages) expect(parsed.packages['']?.version).toBe('99.88.77');
    const own = file === 'package.json' ? 1 : 2;
    const lines = after.split('\n').filter((line, index) => line !== before.split('\n')[index]);
    expect(lines).toHaveLength(own);
  });
});

describe('the changelog', () => {
  const page = '# Changelog\n\n## Unreleased\n\n- new\n\n## 0.1.0\n\n- old\n';

  test('of a release has what was unreleased under its version, and room for what comes', () => {
    expect(withReleasedChanges(page, '0.2.0', '2026-12-01')).toBe(
      '# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- new\n\n## 0.1.0\n\n- old\n',
    );
  });

  test('that has the version already stays as it is', () => {
    expect(withReleasedChanges(page, '0.1.0', '2026-12-01')).toBe(page);
  });
});
