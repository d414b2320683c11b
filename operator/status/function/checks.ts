// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { type Check, firstVerdicts } from '../first-verdicts.ts';
import { countReady, judgeError, judgeNone, missingInstances, troublesOf } from '../workload/instances.ts';
import { describeRefusal } from '../workload/refused.ts';
import { checkExposure } from './exposure.ts';
import type { FunctionStatusFacts, FunctionVerdict } from './facts.ts';

type FunctionCheck = Check<FunctionStatusFacts, FunctionVerdict>;

const accepted: readonly FunctionCheck[] = [hasNoProblem, isValid];
const resolved: readonly FunctionCheck[] = [
  findsNetwork,
  findsConfigMaps,
  readsConfigMaps,
  fitsPods,
  resolvesAll,
];
const programmed: readonly FunctionCheck[] = [
  hasNoError,
  admitsPods,
  hasReadyInstance,
  isCurrent,
  isProgrammed,
];
const ready: readonly FunctionCheck[] = [
  isAccepted,
  isResolved,
  getsPods,
  hasAllInstances,
  hasPath,
  isInKernels,
  hasBackends,
  isReady,
];

/** The conditions of a function, in the order in which they build on each other. */
export function checkFunction(facts: FunctionStatusFacts): FunctionVerdict[] {
  const verdicts = firstVerdicts([accepted, resolved, programmed, ready], facts);
  return [...verdicts, ...checkExposure(facts.exposure)];
}

function hasNoProblem({ problems, words }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (problems.length === 0) return undefined;
  const sentences = problems.map(({ field, message }) => `${field}: ${message}`);
  return {
    type: 'Accepted',
    status: 'False',
    reason: 'InvalidSpec',
    message: `${nameSome(sentences)}. The instances keep the ${words.content} that they have.`,
  };
}

function isValid({ words }: FunctionStatusFacts): FunctionVerdict {
  return { type: 'Accepted', status: 'True', reason: 'Valid', message: words.valid };
}

function findsConfigMaps({ references, namespace }: FunctionStatusFacts): FunctionVerdict | undefined {
  const missing = references.filter(({ found }) => !found);
  if (missing.length === 0) return undefined;
  const sentences = missing.map(({ field, name }) => `${field}: there is no ConfigMap ${namespace}/${name}`);
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'ConfigMapNotFound',
    message: `${nameSome(sentences)}; create it or correct the name.`,
  };
}

function readsConfigMaps({ instances }: FunctionStatusFacts): FunctionVerdict | undefined {
  const error = instances.map(({ report }) => report?.error).find((e) => e && isReference(e.field));
  if (!error) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'ConfigMapInvalid',
    message: `${error.field}: ${error.message}`,
  };
}

function isReference(field: string): boolean {
  return field.includes('configMapRef');
}

function fitsPods({ podsTooLarge, words }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (podsTooLarge === undefined) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'PeersTooLarge',
    message: `${words.selects.field}: the pods that podSelector selects have ${podsTooLarge} bytes of addresses, a ConfigMap holds 1000000; select fewer pods or use ${words.selects.instead}. The instances keep the pods that they know.`,
  };
}

function resolvesAll(): FunctionVerdict {
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    message: 'All objects that it names exist.',
  };
}

function hasNoError({ instances }: FunctionStatusFacts): FunctionVerdict | undefined {
  return judgeError(instances);
}

function admitsPods(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  const message = refusalOf(facts);
  return message === undefined
    ? undefined
    : { type: 'Programmed', status: 'False', reason: 'PodsRefused', message };
}

function hasReadyInstance(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  return judgeNone(facts);
}

function isCurrent(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  const behind = instancesBehind(facts);
  if (behind.length === 0) return undefined;
  const names = behind.map(({ pod, report }) => {
    if (!report) return `${pod} has not answered`;
    if (report.generation === facts.generation) return `${pod} has older pods or ConfigMaps`;
    return `${pod} has generation ${report.generation}`;
  });
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'InstancesBehind',
    message: `Generation ${facts.generation} is not in all instances: ${nameSome([...names, ...troublesOf(facts.instances)])}.`,
  };
}

function isProgrammed({ instances, generation }: FunctionStatusFacts): FunctionVerdict {
  const count = countReady(instances);
  return {
    type: 'Programmed',
    status: 'True',
    reason: 'InstancesReported',
    message: `Generation ${generation} is in ${count} ${count === 1 ? 'instance' : 'instances'}.`,
  };
}

function isAccepted(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!hasNoProblem(facts)) return undefined;
  return notReady('NotAccepted', `The ${facts.words.noun} is not accepted; see the condition Accepted.`);
}

function isResolved(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!findsNetwork(facts) && !findsConfigMaps(facts) && !readsConfigMaps(facts) && !fitsPods(facts))
    return undefined;
  return notReady('NotResolved', 'Something that it names is not there; see the condition ResolvedRefs.');
}

function getsPods(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  const message = refusalOf(facts);
  return message === undefined ? undefined : notReady('PodsRefused', message);
}

function hasAllInstances(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  const missing = missingInstances({ ...facts, plural: 'instances' });
  return missing === undefined ? undefined : notReady('InstancesMissing', missing);
}

function isInKernels(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!hasNoError(facts) && !hasReadyInstance(facts) && !isCurrent(facts)) return undefined;
  return notReady(
    'NotProgrammed',
    `Not every instance has the ${facts.words.content}; see the condition Programmed.`,
  );
}

function findsNetwork({ balancing, namespace }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!balancing || balancing.networkFound) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'NetworkNotFound',
    message: `spec.network: there is no VirtualNetwork ${namespace}/${balancing.network} with a VNI; create it, or see its conditions.`,
  };
}

function hasPath({ balancing }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!balancing || balancing.hasPath) return undefined;
  return notReady('NoPath', 'No path leads to its addresses yet, so no client reaches it.');
}

function hasBackends({ balancing }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (!balancing || balancing.backends.some(({ healthy }) => healthy)) return undefined;
  const { backends } = balancing;
  const reasons = [...new Set(backends.map(({ reason }) => reason))].sort();
  return notReady(
    'NoBackends',
    backends.length === 0
      ? 'spec.backends: no pod of the network is selected. Clients are refused.'
      : `None of ${backends.length} backends takes new flows (${reasons.join(', ')}); see status.backends. Clients are refused.`,
  );
}

function isReady({ desired, words }: FunctionStatusFacts): FunctionVerdict {
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Ready',
    message:
      desired === 1
        ? `Its instance has the ${words.content}.`
        : `All ${desired} instances have the ${words.content}.`,
  };
}

function notReady(
  reason:
    | 'InstancesMissing'
    | 'NoBackends'
    | 'NoPath'
    | 'NotAccepted'
    | 'NotProgrammed'
    | 'NotResolved'
    | 'PodsRefused',
  message: string,
): FunctionVerdict {
  return { type: 'Ready', status: 'False', reason, message };
}

function refusalOf({ podsRefusal: refusal, instances, desired }: FunctionStatusFacts): string | undefined {
  return describeRefusal({ refusal, instances, desired, plural: 'instances' });
}

function instancesBehind(facts: FunctionStatusFacts): FunctionStatusFacts['instances'] {
  return facts.instances.filter(
    ({ ready, report }) =>
      ready && (report?.generation !== facts.generation || report.inputs !== facts.inputs),
  );
}
