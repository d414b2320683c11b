// SPDX-License-Identifier: Apache-2.0
import {
  annotations,
  type CustomFunctionSpec,
  type FunctionKind,
  type FunctionPod,
  interfacesOf,
  programs,
} from '../../../api/index.ts';
import { compileDeployment, type DesiredDeployment } from '../workload/deployment.ts';
import type { Program } from '../workload/program.ts';
import type { Owner } from '../workload/types.ts';
import {
  customContainer,
  customVolumes,
  ourMounts,
  ourResources,
  ourVariables,
  ourVolumes,
} from './custom-container.ts';

// The value is the same for every function: with the `drainSeconds` of the spec here, an edit of it would restart the
// pods. The program reads `drainSeconds` itself and exits when the time is over.
const MOST_DRAIN_SECONDS = 600;

/** The annotation with the container that `kubectl logs` and `kubectl exec` use by default. */
const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** What the Deployment of a function is made from. */
export interface FunctionPods {
  readonly owner: Owner<FunctionKind>;
  readonly replicas: number;
  readonly pod: FunctionPod | undefined;
  readonly image: string;
  /** The user's container of a custom function, beside our program. */
  readonly container?: CustomFunctionSpec | undefined;
}

/** The Deployment that runs a function's instances: pods with the interfaces of their chains. */
export function compileFunctionDeployment(input: FunctionPods): DesiredDeployment {
  const { owner, replicas, pod, image, container } = input;
  const interfaces = interfacesOf(container);
  return compileDeployment({
    owner,
    replicas,
    pod,
    image,
    interfaces,
    marks: {
      annotations: {
        [annotations.chainInterface]: interfaces.join(','),
        ...(container && { [DEFAULT_CONTAINER]: 'function' }),
      },
    },
    mostDrainSeconds: MOST_DRAIN_SECONDS,
    program: container ? besideCustom(container) : { name: programs[owner.kind], resources: pod?.resources },
    tmp: { sizeLimit: '256Mi' },
    ...(container && {
      volumes: [...ourVolumes, ...customVolumes(container)],
      foreign: {
        container: customContainer(container, owner.uid),
        imagePullSecrets: container.imagePullSecrets,
      },
    }),
  });
}

/** Our program beside the user's container, which may name one of its ports http. */
function besideCustom(container: CustomFunctionSpec): Program {
  return {
    name: 'heddle',
    portName: 'heddle',
    env: ourVariables(container),
    mounts: ourMounts,
    resources: ourResources(container),
  };
}
