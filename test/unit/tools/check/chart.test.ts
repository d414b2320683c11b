import { describe, expect, it } from 'vitest';
import { checkCrds, checkManifests } from '../../../../tools/check/chart.ts';

const labels = { 'app.kubernetes.io/name': 'heddle' };

describe('the check of the chart', () => {
  it('finds a wildcard in a role', () => {
    const role = {
      kind: 'ClusterRole',
      metadata: { name: 'x', labels },
      rules: [{ resources: ['ports/*'] }],
    };
    expect(checkManifests([role])).toEqual(['ClusterRole x has a wildcard']);
  });

  it('finds what lacks the recommended labels', () => {
    expect(checkManifests([{ kind: 'Service', metadata: { name: 'x' } }])).toHaveLength(1);
  });

  it('finds a kind that is not installed, not readable and not deleted', () => {
    expect(checkCrds([], ['ports'])).toHaveLength(3);
  });
});
