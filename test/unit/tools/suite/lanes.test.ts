// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { planLanes } from '../../../../tools/suite/lanes.ts';
import { suites } from '../../../../tools/suite/suites.ts';

it('the cluster suite runs beside the others, which run one after another', () => {
  expect(planLanes(suites)).toEqual([['check', 'unit', 'fuzz', 'kernel'], ['cluster']]);
  expect(planLanes(['kernel'])).toEqual([['kernel']]);
  expect(planLanes(['cluster'])).toEqual([['cluster']]);
});
