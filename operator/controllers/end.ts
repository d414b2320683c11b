// SPDX-License-Identifier: Apache-2.0
import { workloadKinds } from '../../api/index.ts';
import { isConflict } from '../../kube/api-error.ts';
import { Controller, watch } from '../../kube/controller.ts';
import { resources } from '../../kube/resource.ts';
import { compileEnd } from '../compile/workload/end.ts';
import type { ControllerDeps } from './deps.ts';
import { endingPodsOfNamespace, endingPodsOfPod, endingPodsOfWorkload, observeEnd } from './workload/end.ts';
import { workloadsOf } from './workload/labelled.ts';

/**
 * Creates the controller that ends the pods of functions and VPNs when nobody needs them any more: in a namespace that
 * is being deleted, after their function is deleted, and after their drain. Keys are those of pods.
 */
export function createEndController(deps: ControllerDeps): Controller {
  const { stores, writer, clock } = deps;
  return new Controller({
    name: 'end',
    watches: [
      watch(stores.pods, endingPodsOfPod),
      watch(stores.namespaces, (old, now) => endingPodsOfNamespace(stores, old, now)),
      ...workloadKinds.map((kind) =>
        watch(workloadsOf(stores, kind), (old, now) =>
          endingPodsOfWorkload(stores, kind, (now ?? old)!.metadata),
        ),
      ),
    ],
    concurrency: 8,
    reconcile: async (key) => {
      const pod = stores.pods.get(key);
      if (pod === undefined) return undefined;
      const step = compileEnd(observeEnd(stores, pod), clock.now());
      if (step.kind === 'Wait') return { requeueAfterMs: step.ms };
      if (step.kind === 'Nothing') return undefined;
      const { namespace, name, uid } = pod.metadata;
      const ref = { resource: resources.pods, namespace, name };
      try {
        await writer.delete(ref, { uid, gracePeriodSeconds: step.graceSeconds });
      } catch (error) {
        // Another pod has the name now; the watch will show it.
        if (!isConflict(error)) throw error;
      }
      return undefined;
    },
    ...deps.controller,
  });
}
