// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import { formatRuleset } from '../../../../functions/shared/nft/ruleset.ts';
import { EXAMPLES, fileOf, renderExample } from './golden.ts';

/** After a change that is meant: `npx vitest run --project unit test/unit/firewall -u`, and read the difference. */
describe('firewall: rulesets to read', () => {
  for (const example of EXAMPLES) {
    test(`golden/${example}: firewall.yaml renders to ruleset.nft`, async () => {
      await expect(formatRuleset(renderExample(example))).toMatchFileSnapshot(fileOf(example, 'ruleset.nft'));
    });
  }
});
