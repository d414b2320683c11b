// SPDX-License-Identifier: Apache-2.0
import { countReady, type InstanceFacts } from './instances.ts';

/** Parts of a refusal, and what helps. The first that matches is given. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/heddle\.dev\/allow/, 'Set the annotation, or let somebody write the function who can read the Secret.'],
  [
    /violates PodSecurity/,
    'The pods need NET_ADMIN, which only the Pod Security level privileged admits; the label heddle.dev/pod-security holds all other pods to baseline (docs/install.md, Namespaces that run functions).',
  ],
  [
    /quota/,
    'Set spec.pod.resources, which reach every container, or raise the ResourceQuota; then Kubernetes tries again, after some minutes at most.',
  ],
  [
    /(minimum|maximum) .* usage per|limit to request ratio/,
    'Set spec.pod.resources to values that the LimitRange admits.',
  ],
];

const OTHERWISE = 'Change what refuses them; then Kubernetes tries again, after some minutes at most.';

/**
 * The message when the cluster refuses the pods of a workload: how many work, the refusal in the API server's words,
 * and what to do. Undefined when the pods are admitted.
 */
export function describeRefusal(options: {
  readonly refusal: string | undefined;
  readonly instances: readonly InstanceFacts[];
  readonly desired: number;
  /** Word for the instances in messages: `instances`. */
  readonly plural: string;
}): string | undefined {
  const { refusal, instances, desired, plural } = options;
  if (refusal === undefined) return undefined;
  const [, advice = OTHERWISE] = ADVICE.find(([part]) => part.test(refusal)) ?? [];
  const count = countReady(instances);
  return `${count} of ${desired} ${plural} are ready; the cluster refuses pods, or what they need: ${refusal}. ${advice}`;
}
