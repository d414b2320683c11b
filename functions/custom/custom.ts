// SPDX-License-Identifier: Apache-2.0
import { customTemplateOf } from '../../api/custom-template.ts';
import { functionVariables } from '../../api/function-environment.ts';
import type { CustomFunction } from '../../api/index.ts';
import { resources } from '../../kube/resource.ts';
import type { Instance, Program, StartContext } from '../shared/program.ts';
import { createForwarding } from './forwarding.ts';
import { createFrames } from './frames.ts';
import { registerMetrics } from './metrics.ts';
import type { Way } from './way.ts';

/**
 * The kind CustomFunction: beside the user's own container it keeps the paths apart, counts, reports and drains. The
 * environment of the pod says which template the pod was made from.
 */
export const customFunction: Program<CustomFunction> = {
  resource: resources.customFunctions,
  configMapsOf: () => [],
  drainSecondsOf: (object) => object.spec.drainSeconds,
  start: (context) => startCustomFunction(context, process.env),
};

async function startCustomFunction(
  { log, registry }: StartContext,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Instance<CustomFunction>> {
  const template = variables[functionVariables.template];
  const interfaces = (variables[functionVariables.interfaces] ?? '').split(' ');
  const way: Way = interfaces.length === 2 ? await createFrames(log) : await createForwarding(log);
  registerMetrics(registry, () => way.count());
  /** The newest generation whose template is that of this pod. */
  let generation = 0;

  return {
    apply: async ({ object }) => {
      await way.open();
      if (customTemplateOf(object.spec) === template) generation = object.metadata.generation ?? 0;
      return { kind: 'Applied', error: undefined };
    },
    report: async () => ({ generation, rules: await way.count() }),
    ...(way.isBusy && { isBusy: () => way.isBusy!() }),
    stop: async () => way.stop(),
  };
}
