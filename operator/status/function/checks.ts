import { nameSome } from '../../../api/conditions.ts';
import { checkExposure } from './exposure.ts';
import type { FunctionStatusFacts, FunctionVerdict, InstanceStatusFacts } from './facts.ts';

type Check = (facts: FunctionStatusFacts) => FunctionVerdict | undefined;

// Ordered: of each list the first check that has something to say speaks for its condition.

const accepted: readonly Check[] = [hasNoProblem, isValid];
const resolved: readonly Check[] = [findsNetwork, findsConfigMaps, readsConfigMaps, fitsPeers, resolvesAll];
const programmed: readonly Check[] = [hasNoError, hasReadyInstance, isCurrent, isProgrammed];
const ready: readonly Check[] = [
  isAccepted,
  isResolved,
  hasAllInstances,
  hasPath,
  isInKernels,
  hasBackends,
  isReady,
];

/** The conditions of a function, in the order in which they build on each other. */
export function checkFunction(facts: FunctionStatusFacts): FunctionVerdict[] {
  const verdicts = [accepted, resolved, programmed, ready].flatMap(
    (checks) => firstWord(checks, facts) ?? [],
  );
  return [...verdicts, ...checkExposure(facts.exposure)];
}

function firstWord(checks: readonly Check[], facts: FunctionStatusFacts): FunctionVerdict | undefined {
  for (const check of checks) {
    const verdict = check(facts);
    if (verdict) return verdict;
  }
  return undefined;
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

function fitsPeers({ peersTooLarge, words }: FunctionStatusFacts): FunctionVerdict | undefined {
  if (peersTooLarge === undefined) return undefined;
  return {
    type: 'ResolvedRefs',
    status: 'False',
    reason: 'PeersTooLarge',
    message: `${words.selects.field}: the pods that podSelector selects have ${peersTooLarge} bytes of addresses, a ConfigMap holds 1000000; select fewer pods or use ${words.selects.instead}. The instances keep the peers that they have.`,
  };
}

function resolvesAll(): FunctionVerdict {
  return {
    type: 'ResolvedRefs',
    status: 'True',
    reason: 'Resolved',
    message: 'Everything that it names exists.',
  };
}

function hasNoError({ instances }: FunctionStatusFacts): FunctionVerdict | undefined {
  const failed = instances.find(({ report }) => report?.error);
  const error = failed?.report?.error;
  if (!failed || !error) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'InstanceError',
    message: `Pod ${failed.pod}: ${error.field}: ${error.message}`,
  };
}

function hasReadyInstance({
  instances,
  desired,
  selector,
}: FunctionStatusFacts): FunctionVerdict | undefined {
  if (instances.some(({ ready }) => ready)) return undefined;
  return {
    type: 'Programmed',
    status: 'False',
    reason: 'NoInstances',
    message: desired === 0 ? 'spec.replicas is 0.' : `No pod with label ${selector} is ready.`,
  };
}

function isCurrent(facts: FunctionStatusFacts): FunctionVerdict | undefined {
  const behind = instancesBehind(facts);
  if (behind.length === 0) return undefined;
  const names = behind.map(({ pod, report }) => {
    if (!report) return `${pod} has not answered`;
    if (report.generation === facts.generation) return `${pod} has older peers or ConfigMaps`;
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
  const count = instances.filter(({ ready }) => ready).length;
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
  if (!findsNetwork(facts) && !findsConfigMaps(facts) && !readsConfigMaps(facts) && !fitsPeers(facts))
    return undefined;
  return notReady('NotResolved', 'Something that it names is not there; see the condition ResolvedRefs.');
}

function hasAllInstances({ instances, desired, selector }: FunctionStatusFacts): FunctionVerdict | undefined {
  const count = instances.filter(({ ready }) => ready).length;
  if (count >= desired) return undefined;
  return notReady(
    'InstancesMissing',
    `${count} of ${desired} instances are ready; ${troublesOf(instances)[0] ?? `see the pods with label ${selector}`}.`,
  );
}

function troublesOf(instances: readonly InstanceStatusFacts[]): readonly string[] {
  return instances.flatMap(({ pod, trouble }) => (trouble ? [`pod ${pod}, ${trouble}`] : []));
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
    message: `spec.network: there is no VirtualNetwork ${namespace}/${balancing.network} that has an id; create it, or see its conditions.`,
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
  reason: 'NotAccepted' | 'NotResolved' | 'InstancesMissing' | 'NotProgrammed' | 'NoPath' | 'NoBackends',
  message: string,
): FunctionVerdict {
  return { type: 'Ready', status: 'False', reason, message };
}

function instancesBehind(facts: FunctionStatusFacts): InstanceStatusFacts[] {
  return facts.instances.filter(
    ({ ready, report }) =>
      ready && (report?.generation !== facts.generation || report.inputs !== facts.inputs),
  );
}
