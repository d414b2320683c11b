// SPDX-License-Identifier: Apache-2.0
import type { FieldError } from '../../../api/field-error.ts';
import type { ChainSlice } from '../../../api/index.ts';
import { joinKey } from '../../../api/key.ts';
import { onFailureOf } from '../../../api/list-defaults.ts';
import type { CompiledChain } from '../../compile/chain/compile.ts';
import { isUnreachable } from '../../compile/chain/reach.ts';
import { shortNameOf } from '../../compile/function/kinds.ts';
import type { Stores } from '../../observe/stores.ts';
import type { ChainStatusFacts, LimitFacts } from '../../status/chain/facts.ts';
import { complaintOf } from '../../status/node.ts';
import { observeReported } from './former.ts';
import type { ChainSnapshot } from './snapshot.ts';

/** Collects the facts for the status of a chain: the compiled chain and the NodeReports. */
export function observeChainStatus(
  stores: Pick<Stores, 'formerChainSlices' | 'nodeReports'>,
  options: {
    readonly snapshot: ChainSnapshot;
    readonly compiled: CompiledChain;
    readonly pathId: number | undefined;
    readonly outsidePathId?: number | undefined;
    /** The slices as the API server has them now. */
    readonly slices: readonly ChainSlice[];
    readonly slicesRefusal?: string | undefined;
    readonly shadowedBy: string | undefined;
    readonly exceeded: LimitFacts | undefined;
  },
): ChainStatusFacts {
  const { snapshot, compiled, pathId, outsidePathId, slices, shadowedBy, exceeded } = options;
  const nodes = new Set([
    ...compiled.concerned.map((member) => member.node),
    ...compiled.hops.flatMap(({ hop }) => hop.instances.map((instance) => instance.node)),
  ]);
  return {
    namespace: snapshot.chain.metadata.namespace,
    network: snapshot.networkFacts,
    problems: [...snapshot.ends.problems, ...hopProblems(snapshot)],
    pathId,
    outsidePathId,
    outside: snapshot.outside.map(({ balancer, position, kind }) => ({ balancer, position, kind })),
    exceeded,
    hops: snapshot.hops.map((facts, index) => ({
      kind: facts.ref.kind,
      name: facts.ref.name,
      label: shortNameOf(facts.ref),
      onFailure: onFailureOf(facts.ref),
      found: facts.found !== undefined,
      desired: facts.found?.desired ?? 0,
      judgesBeginnings: facts.found?.judgesBeginnings ?? true,
      drainsAddresses: facts.found?.drainsAddresses,
      judged: compiled.hops[index]?.judged ?? [],
    })),
    shadowedBy,
    establishedFlows: snapshot.chain.spec.establishedFlows,
    straight: compiled.straight?.kind,
    slicesRefusal: options.slicesRefusal,
    slices: slices.map(({ metadata }) => ({
      key: joinKey(metadata.namespace, metadata.name),
      generation: metadata.generation ?? 0,
    })),
    nodes: [...nodes].sort().map((name) => ({
      name,
      reported: observeReported(stores, name, slices),
      isAway: isUnreachable(name, compiled.reach),
      complaint: complaintOf(stores.nodeReports.byIndex('node', name)[0]),
    })),
  };
}

/** Problems of hops whose function belongs to another network than the chain. */
function hopProblems({ chain, hops }: ChainSnapshot): readonly FieldError[] {
  const { network } = chain.spec;
  return hops.flatMap(({ ref, found }, index) => {
    if (found?.network === undefined || found.network === network) return [];
    const message = `${ref.kind} ${ref.name} is on network ${found.network}, the chain on ${network}; name one of this network`;
    return [{ field: `functions[${index}].name`, message }];
  });
}
