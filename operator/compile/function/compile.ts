import { type Candidate, compileBackends } from './backends.ts';
import { compileDeployment, type FunctionDeployment } from './deployment.ts';
import type { FunctionNeeds } from './needs.ts';
import { compilePeers, type PathFacts, type Peers } from './peers.ts';
import { compileRights } from './rights.ts';
import type { FunctionOwner } from './types.ts';

/** What a function is made from. */
export interface FunctionBlueprint {
  readonly owner: FunctionOwner;
  readonly needs: FunctionNeeds;
  readonly image: string;
  readonly paths: readonly PathFacts[];
  /** The pods on the network of its backends; undefined of a function without. */
  readonly candidates?: readonly Candidate[] | undefined;
}

/** Everything that must exist for a function. */
export interface CompiledFunction {
  /** ServiceAccount, Role and RoleBinding; to be there before the pods that use them. */
  readonly rights: ReturnType<typeof compileRights>;
  readonly deployment: FunctionDeployment;
  readonly peers: Peers;
}

export function compileFunction(blueprint: FunctionBlueprint): CompiledFunction {
  const { owner, needs, image, paths, candidates } = blueprint;
  return {
    rights: compileRights(
      owner,
      needs.configMaps.map((ref) => ref.name),
    ),
    deployment: compileDeployment({
      owner,
      replicas: needs.replicas,
      pod: needs.pod,
      image,
      container: needs.container,
    }),
    peers: compilePeers({
      owner,
      selectors: needs.selectors,
      paths,
      backends: needs.backends && {
        pods: compileBackends(needs.backends, { candidates: candidates ?? [], namespace: owner.namespace }),
      },
    }),
  };
}
