// SPDX-License-Identifier: Apache-2.0

/** A ValidatingAdmissionPolicy or its binding, with the fields that are checked; other objects have others. */
export interface Policy {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly failurePolicy?: string;
    readonly validations?: readonly {
      readonly reason?: string;
      readonly message?: string;
      readonly messageExpression?: string;
    }[];
    readonly policyName?: string;
    readonly validationActions?: readonly string[];
  };
}

/**
 * Pure: finds policies of the chart that refuse nothing, that let requests through when an expression fails, and
 * refusals without words. The reason is Forbidden, because the operator takes an Invalid for a fault of the object.
 */
export function checkPolicies(objects: readonly Policy[]): readonly string[] {
  const bindings = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
  return objects
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    .flatMap(({ metadata: { name }, spec }) => {
      const isBound = bindings.some(
        (binding) => binding.spec?.policyName === name && binding.spec.validationActions?.includes('Deny'),
      );
      const mute = (spec?.validations ?? []).filter(
        ({ reason, message, messageExpression }) => reason !== 'Forbidden' || !(message ?? messageExpression),
      );
      return [
        ...(isBound ? [] : [`policy ${name} has no binding that denies`]),
        ...(spec?.failurePolicy === 'Fail' ? [] : [`policy ${name} lets through what it cannot judge`]),
        ...(mute.length > 0 ? [`policy ${name} refuses without reason Forbidden or without a message`] : []),
      ];
    });
}
