// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { renderDirections, renderProofs } from '../../../../tools/demo/table.ts';

describe('what the demo prints', () => {
  it('shows at a glance which claim was not proved', () => {
    const text = renderProofs([
      { claim: 'the allowed port answers', proved: true, evidence: '5 of 5' },
      { claim: 'the forbidden port does not', proved: false, evidence: 'it answered' },
    ]);
    expect(text.split('\n')).toEqual([
      '  yes  the allowed port answers     5 of 5',
      '  NO   the forbidden port does not  it answered',
    ]);
  });

  it('tells of our own kubectl only where the machine has none', () => {
    const place = { kubeconfig: '/k', commands: ['kubectl get heddle'] };
    expect(renderDirections({ ...place, kubectl: undefined })).not.toContain('alias');
    expect(renderDirections({ ...place, kubectl: '/cache/kubectl' })).toContain(
      'alias kubectl=/cache/kubectl',
    );
  });
});
