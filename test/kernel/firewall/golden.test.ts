// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatReplacement } from '../../../functions/shared/nft/ruleset.ts';
import { needs } from '../../support/needs.ts';
import { EXAMPLES, renderExample } from '../../unit/functions/firewall/golden.ts';
import { type Bed, makeBed } from './bed.ts';
import { missingForBed } from './shell.ts';

describe('firewall: the rulesets to read, before the real nft', needs(missingForBed()), () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await makeBed();
  });
  afterAll(() => bed.close());

  for (const example of EXAMPLES) {
    test(`nft and the kernel take golden/${example}, alone and as an edit of the one before`, async () => {
      const ruleset = renderExample(example);
      await bed.table.apply(ruleset);
      const listed = await bed.nft.run(['list', 'table', 'inet', 'heddle']);
      for (const name of [...ruleset.chains.keys(), ...ruleset.sets.keys()])
        expect(listed).toContain(` ${name} {`);
      await bed.nft.transact(formatReplacement(ruleset));
      expect(await bed.nft.run(['list', 'table', 'inet', 'heddle'])).toHaveLength(listed.length);
    });
  }
});
