// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { REASONS } from '../../../../api/reasons.ts';
import { renderReasonsPage } from '../../../../operator/status/reasons-page.ts';

test('docs/reasons.md says what the registry of reasons says', async () => {
  const page = fileURLToPath(new URL('../../../../docs/reasons.md', import.meta.url));
  await expect(renderReasonsPage()).toMatchFileSnapshot(page);
});

describe('the registry of reasons', () => {
  test('is sorted by kind, place, status and reason, and has no row twice', () => {
    const keys = REASONS.map(({ kind, on, status, reason }) => `${kind} ${on} ${status} ${reason}`);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('has CamelCase reasons, and says what to do about all that is wrong', () => {
    for (const { reason, status, todo, on } of REASONS) {
      expect(reason).toMatch(/^[A-Z][A-Za-z0-9]*$/);
      const isWrong = status === 'Warning' || (status === 'False' && on !== 'Shadowed');
      if (isWrong && reason !== 'Detached') expect(todo, reason).not.toBe('');
    }
  });
});
