// SPDX-License-Identifier: Apache-2.0
import { nameSome } from '../../../api/conditions.ts';
import { functionLabelOf } from '../../../api/function-names.ts';
import { annotations, type ChainFunctionStatus, labels } from '../../../api/index.ts';
import type { Judged } from '../../compile/chain/standing.ts';
import type { HopStatusFacts } from './facts.ts';

export type HopState = ChainFunctionStatus['state'];

/** Why a hop is not Healthy: the values that the CRD lists. */
export type HopReason = NonNullable<ChainFunctionStatus['reason']>;

/** The state of one hop of a chain. */
export interface HopReport {
  readonly ready: number;
  readonly state: HopState;
  /** The causes, the most serious first; empty for a Healthy hop. */
  readonly causes: readonly Cause[];
}

export interface Cause {
  readonly reason: HopReason;
  /** Affected pods or nodes, and what to do; without capital and full stop. */
  readonly message: string;
}

/** Reports how many instances of a hop take new flows, and why the others do not. */
export function reportHop(hop: HopStatusFacts, namespace: string): HopReport {
  const ready = hop.judged.filter(({ standing }) => standing.kind === 'Serving').length;
  const state = ready === 0 ? 'Failed' : ready < hop.desired ? 'Degraded' : 'Healthy';
  const causes = state === 'Healthy' ? cutOffs(hop) : causesOf(hop, namespace);
  return { ready, state: state === 'Healthy' && causes.length > 0 ? 'Degraded' : state, causes };
}

function causesOf(hop: HopStatusFacts, namespace: string): Cause[] {
  const { kind, name, desired } = hop;
  const object = `${kind} ${namespace}/${name}`;
  if (!hop.found) {
    return [{ reason: 'FunctionNotFound', message: `there is no ${object}; create it or correct the name` }];
  }
  const instances = [...cutOffs(hop), ...GROUPS.flatMap((group) => describe(group, hop.judged))];
  if (desired === 0) {
    const scale = `kubectl scale -n ${namespace} ${kind.toLowerCase()}/${name} --replicas=1`;
    const message = `spec.replicas of ${object} is 0; raise it, by ${scale} say`;
    return [{ reason: 'NoReplicas', message }, ...instances];
  }
  const expected = hop.judged.filter(({ standing }) => !isLeaving(standing)).length;
  if (expected >= desired) return instances;
  const selector = `${labels.function}=${functionLabelOf(kind, name)}`;
  const message = `${expected} of ${desired} pods of ${object} have an interface; see its condition Ready, and kubectl describe pods -n ${namespace} -l ${selector}`;
  return [...instances, { reason: 'PodsMissing', message }];
}

/** Instances with the same standing, and the message about them. */
interface Group {
  readonly reason: HopReason;
  readonly has: (standing: Judged['standing']) => boolean;
  readonly says: (pods: string, nodes: string) => string;
}

// The most serious first: what users should look at before the rest.
const GROUPS: readonly Group[] = [
  {
    reason: 'NotForwarding',
    has: (s) => s.kind === 'Down' && s.why === 'NotForwarding',
    says: (pods) =>
      `what goes into ${pods} does not come out; see its log, or delete it and another takes its place`,
  },
  {
    reason: 'NodeUnreachable',
    has: (s) => s.kind === 'Down' && s.why === 'Unreachable',
    says: (pods, nodes) =>
      `the other nodes cannot reach ${nodes}, and so not ${pods}; see the node and its network`,
  },
  {
    reason: 'Detached',
    has: (s) => s.kind === 'Down' && s.why === 'Detached',
    says: (pods) => `chain0 is gone from ${pods}; see the agent of the node`,
  },
  {
    reason: 'NoWeight',
    has: (s) => s.kind === 'Weightless',
    says: (pods) =>
      `weight 0 keeps new flows from ${pods}; set its annotation ${annotations.weight} to 1..256 or remove it`,
  },
  {
    reason: 'NotReady',
    has: (s) => s.kind === 'Draining' && s.why === 'Unready',
    says: (pods) =>
      `no longer ready, and kept for its flows: ${pods}; see kubectl describe pod and kubectl logs`,
  },
  {
    reason: 'NotReady',
    has: (s) => s.kind === 'Unready',
    says: (pods) =>
      `no longer ready, so others have its flows: ${pods}; see kubectl describe pod and kubectl logs`,
  },
  {
    reason: 'Starting',
    has: (s) => s.kind === 'Starting',
    says: (pods) => `never ready so far: ${pods}; see kubectl describe pod and kubectl logs`,
  },
  {
    reason: 'Draining',
    has: isLeaving,
    says: (pods) => `about to end, and kept for its flows: ${pods}`,
  },
];

function isLeaving(standing: Judged['standing']): boolean {
  return standing.kind === 'Draining' && standing.why === 'Leaving';
}

function describe({ reason, has, says }: Group, judged: readonly Judged[]): Cause[] {
  const those = judged.filter(({ standing }) => has(standing)).map(({ instance }) => instance);
  if (those.length === 0) return [];
  const pods = nameSome(those.map(({ pod, node }) => `pod ${pod} on ${node}`));
  const nodes = nameSome([...new Set(those.map(({ node }) => `node ${node}`))]);
  return [{ reason, message: says(pods, nodes) }];
}

/** Working instances that some nodes of the chain cannot reach. */
function cutOffs({ judged }: HopStatusFacts): Cause[] {
  const pairs = judged.flatMap(({ instance, standing }) =>
    standing.kind === 'Serving'
      ? standing.cutOffFrom.map((from) => `${from} cannot reach ${instance.node}`)
      : [],
  );
  if (pairs.length === 0) return [];
  const message = `node ${nameSome([...new Set(pairs)])}, so pods there cannot use the instances on the other node; check the network between the nodes`;
  return [{ reason: 'CutOff', message }];
}
