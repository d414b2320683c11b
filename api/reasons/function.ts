// SPDX-License-Identifier: Apache-2.0
import type { Row } from './row.ts';

/** Reasons of every kind of function; sorted by place, status and reason. */
export function functionReasons<const Kind extends string>(kind: Kind) {
  return [
    {
      kind,
      on: 'Accepted',
      status: 'False',
      reason: 'InvalidSpec',
      means:
        'A field of the function cannot be applied; the message names it. The instances keep the last valid spec.',
      todo: 'Correct the field that the message names.',
    },
    {
      kind,
      on: 'Accepted',
      status: 'True',
      reason: 'Valid',
      means: 'The spec is valid.',
      todo: '',
    },
    {
      kind,
      on: 'Programmed',
      status: 'False',
      reason: 'InstanceError',
      means:
        'An instance could not load the spec; the message has its error and the field. It keeps the last valid spec.',
      todo: 'Correct the field that the message names.',
    },
    {
      kind,
      on: 'Programmed',
      status: 'False',
      reason: 'InstancesBehind',
      means: 'Some ready instances have not yet reported the current generation and its selected pods.',
      todo: 'Wait; if it stays so, look at the pods that the message names.',
    },
    {
      kind,
      on: 'Programmed',
      status: 'False',
      reason: 'NoInstances',
      means: 'No instance is ready, so none has the spec.',
      todo: 'See the pods of the function: the message has their label.',
    },
    {
      kind,
      on: 'Programmed',
      status: 'False',
      reason: 'PodsRefused',
      means:
        'The cluster refuses the pods of the function, or what they need: Pod Security, a ResourceQuota, a LimitRange or a webhook does. The message has its words.',
      todo: 'Do what the message says. Instances that run go on.',
    },
    {
      kind,
      on: 'Programmed',
      status: 'True',
      reason: 'InstancesReported',
      means: 'Every ready instance has reported the current generation.',
      todo: '',
    },
    {
      kind,
      on: 'Ready',
      status: 'False',
      reason: 'InstancesMissing',
      means: 'Fewer instances are ready than `spec.replicas` wants.',
      todo: 'See the pods of the function: the message has their label.',
    },
    {
      kind,
      on: 'Ready',
      status: 'False',
      reason: 'NotAccepted',
      means: 'The condition Accepted is not True.',
      todo: 'See the condition Accepted.',
    },
    {
      kind,
      on: 'Ready',
      status: 'False',
      reason: 'NotProgrammed',
      means: 'The condition Programmed is not True.',
      todo: 'See the condition Programmed.',
    },
    {
      kind,
      on: 'Ready',
      status: 'False',
      reason: 'NotResolved',
      means: 'The condition ResolvedRefs is not True.',
      todo: 'See the condition ResolvedRefs.',
    },
    {
      kind,
      on: 'Ready',
      status: 'False',
      reason: 'PodsRefused',
      means:
        'The cluster refuses the pods of the function, or what they need: Pod Security, a ResourceQuota, a LimitRange or a webhook does. The message has its words.',
      todo: 'Do what the message says. Instances that run go on.',
    },
    {
      kind,
      on: 'Ready',
      status: 'True',
      reason: 'Ready',
      means: 'All wanted instances are ready and have the current spec.',
      todo: '',
    },
    {
      kind,
      on: 'ResolvedRefs',
      status: 'False',
      reason: 'ConfigMapInvalid',
      means: 'A ConfigMap that it names has no key or line that can be read; the message names it.',
      todo: 'Correct the ConfigMap; the function reads it again by itself.',
    },
    {
      kind,
      on: 'ResolvedRefs',
      status: 'False',
      reason: 'ConfigMapNotFound',
      means: 'A ConfigMap that the function names does not exist in its namespace.',
      todo: 'Create the ConfigMap or correct the name.',
    },
    {
      kind,
      on: 'ResolvedRefs',
      status: 'False',
      reason: 'PeersTooLarge',
      means: 'The pods that the function selects have more addresses than one ConfigMap can hold.',
      todo: 'Select fewer pods, or name addresses in place of `podSelector`.',
    },
    {
      kind,
      on: 'ResolvedRefs',
      status: 'True',
      reason: 'Resolved',
      means: 'All objects that the function names exist.',
      todo: '',
    },
  ] as const satisfies readonly Row[];
}
