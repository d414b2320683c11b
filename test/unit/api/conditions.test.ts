// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { limitMessage, nameSome, renderConditions } from '../../../api/conditions.ts';

const CRDS = new URL('../../../crds/', import.meta.url);
const NOW = new Date('2026-11-30T10:00:00.900Z');

interface Schema {
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** The limits of all fields `message` in the status of a kind. */
function limitsOf(schema: Schema): readonly number[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    ...(name === 'message' && field.maxLength !== undefined ? [field.maxLength] : []),
    ...limitsOf(field),
  ]);
  return schema.items ? [...own, ...limitsOf(schema.items)] : own;
}

const limits = readdirSync(CRDS)
  .filter((file) => file.endsWith('.yaml') && file !== 'loadbalancers.yaml')
  .flatMap((file) => loadAll(readFileSync(new URL(file, CRDS), 'utf8')))
  .flatMap((crd) => {
    const { versions } = (crd as { spec: { versions: { schema: { openAPIV3Schema: Schema } }[] } }).spec;
    return versions.flatMap(({ schema }) => limitsOf(schema.openAPIV3Schema.properties?.status ?? {}));
  });

describe('a message', () => {
  test('is cut to what every schema takes, so that the API server refuses no status for its length', () => {
    expect(limits.length).toBeGreaterThan(8);
    const long = limitMessage('x'.repeat(1_000_000));
    for (const limit of limits) expect(long.length).toBeLessThanOrEqual(limit);
    expect(long.endsWith('x…')).toBe(true);
  });

  test('stays whole while it fits', () => {
    const whole = 'x'.repeat(4096);
    expect(limitMessage(whole)).toBe(whole);
    expect(limitMessage(`${whole}y`)).toBe(`${'x'.repeat(4095)}…`);
  });

  test('names a few of many', () => {
    expect(nameSome(['a', 'b', 'c'])).toBe('a, b, c');
    expect(nameSome(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  });
});

describe('conditions', () => {
  const render = (status: 'True' | 'False', previous?: ReturnType<typeof renderConditions>, message = 'm') =>
    renderConditions({
      kind: 'Port',
      verdicts: [{ type: 'Ready', status, reason: 'Attached', message } as never],
      previous,
      generation: 3,
      now: NOW,
    });
  const before = [{ ...render('True')[0]!, lastTransitionTime: '2026-11-29T00:00:00Z' }];

  test('keep the time of their last change, which is in whole seconds', () => {
    expect(render('True')[0]?.lastTransitionTime).toBe('2026-11-30T10:00:00Z');
    expect(render('True', before, 'another')[0]?.lastTransitionTime).toBe('2026-11-29T00:00:00Z');
    expect(render('False', before)[0]?.lastTransitionTime).toBe('2026-11-30T10:00:00Z');
  });

  test('have messages of a length that the schema takes', () => {
    expect(render('True', undefined, 'x'.repeat(100_000))[0]?.message.length).toBe(4096);
  });

  test('say which generation they are about, unless the object has no spec', () => {
    expect(render('True')[0]).toMatchObject({ observedGeneration: 3 });
    const [without] = renderConditions({
      kind: 'Port',
      verdicts: [{ type: 'Ready', status: 'True', reason: 'Attached', message: 'm' } as never],
      previous: undefined,
      now: NOW,
    });
    expect(without).not.toHaveProperty('observedGeneration');
  });
});
