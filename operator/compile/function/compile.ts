// SPDX-License-Identifier: Apache-2.0
import { keptListNameOf } from '../../../api/function-names.ts';
import type { FunctionKind } from '../../../api/index.ts';
import type { SelectedPods } from '../../../api/selected-pods.ts';
import type { CompiledPods } from '../workload/deployment.ts';
import { compileRights, type Readable } from '../workload/rights.ts';
import type { Owner } from '../workload/types.ts';
import { type Candidate, compileBackends, compileUnknown } from './backends.ts';
import { compileFunctionDeployment } from './deployment.ts';
import { type FunctionNeeds, readableOf } from './needs.ts';
import { compileSelectedPods, type PathFacts, type SelectedPodsMap } from './selected-pods.ts';
import type { Shares } from './source-ports.ts';

/** What a function is made from. */
export interface FunctionBlueprint {
  readonly owner: Owner<FunctionKind>;
  readonly needs: FunctionNeeds;
  readonly image: string;
  readonly paths: readonly PathFacts[];
  /** The pods on the network of its backends. Undefined for a function without backends. */
  readonly candidates?: readonly Candidate[] | undefined;
  /** Addresses and prefixes that somebody on the network has. Undefined for a function without backends by address. */
  readonly held?: readonly string[] | undefined;
  readonly sourcePorts?: Shares | undefined;
  /** Where a load balancer brings packets to the network. Undefined for other functions. */
  readonly ways?: Pick<SelectedPods, 'checks' | 'outside'> | undefined;
}

/** Everything that must exist for a function. */
export interface CompiledFunction extends CompiledPods {
  readonly selectedPods: SelectedPodsMap;
}

/** What the instances may read. The kept lists are no inputs, which instances report: they change after their lists only. */
function withKeptLists({ name }: Owner, needs: FunctionNeeds): Readable {
  const { configMaps, secrets } = readableOf(needs);
  const kept = (needs.lists ?? []).map(({ set }) => keptListNameOf(name, set));
  return { configMaps: [...configMaps, ...kept], secrets };
}

export function compileFunction(blueprint: FunctionBlueprint): CompiledFunction {
  const { owner, needs, image, paths, candidates, held, ways, sourcePorts } = blueprint;
  return {
    rights: compileRights(owner, withKeptLists(owner, needs)),
    deployment: compileFunctionDeployment({
      owner,
      replicas: needs.replicas,
      pod: needs.pod,
      image,
      container: needs.container,
    }),
    selectedPods: compileSelectedPods({
      owner,
      selectors: needs.selectors,
      paths,
      backends: needs.backends && {
        ...ways,
        pods: compileBackends(needs.backends, { candidates: candidates ?? [], namespace: owner.namespace }),
        unknown: held && compileUnknown(needs.backends.addresses, held),
      },
      sourcePorts,
    }),
  };
}
