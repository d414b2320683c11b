// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { checkPolicies, type Policy } from '../../../../tools/check/policies.ts';

const policy: Policy = {
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'x' },
  spec: { failurePolicy: 'Fail', validations: [{ reason: 'Forbidden', message: 'no' }] },
};
const binding: Policy = {
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'x' },
  spec: { policyName: 'x', validationActions: ['Deny'] },
};

describe('the check of the chart’s policies', () => {
  it('takes a policy that denies, fails closed and says why', () => {
    expect(checkPolicies([policy, binding])).toEqual([]);
  });

  it('finds one that is not bound, or only warns', () => {
    expect(checkPolicies([policy])).toEqual(['policy x has no binding that denies']);
    const warns = { ...binding, spec: { policyName: 'x', validationActions: ['Warn'] } };
    expect(checkPolicies([policy, warns])).toHaveLength(1);
  });

  it('finds one that fails open, or refuses as if the object were invalid', () => {
    const open = { ...policy, spec: { failurePolicy: 'Ignore', validations: [{ message: 'no' }] } };
    expect(checkPolicies([open, binding])).toHaveLength(2);
  });
});
