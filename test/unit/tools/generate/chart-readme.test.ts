// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseValues } from '../../../../tools/generate/chart-readme.ts';

test('a value has its path, its default and the comment above it', () => {
  const yaml = [
    '# Every value.',
    '',
    '# How loud.',
    'level: info',
    '',
    'agent:',
    '  # In',
    '  # ms.',
    '  every: 50',
    '  image: {}',
    'last: x',
  ];
  expect(parseValues(yaml.join('\n'))).toEqual([
    { path: 'level', value: 'info', comment: 'How loud.' },
    { path: 'agent.every', value: '50', comment: 'In ms.' },
    { path: 'agent.image', value: '{}', comment: '' },
    { path: 'last', value: 'x', comment: '' },
  ]);
});
