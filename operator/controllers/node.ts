import { Controller, watch } from '../../kube/controller.ts';
import { resources } from '../../kube/resource.ts';
import { prune } from '../apply/prune.ts';
import type { ControllerDeps } from './deps.ts';

/** Node that is gone -> its NodeReport goes too. Keys are names of nodes. */
export function createNodeController(deps: ControllerDeps): Controller {
  const { stores, writer } = deps;
  return new Controller({
    name: 'node',
    watches: [
      watch(stores.nodeReports, (old, now) => [(now ?? old)!.metadata.name]),
      watch(stores.nodes, (old, now) => (now ? [] : [old!.metadata.name])),
    ],
    reconcile: async (name) => {
      // A new node's report may be here before the node is: ask.
      if (stores.nodes.has(name) || (await writer.read({ resource: resources.nodes, name }))) return;
      const stored = stores.nodeReports.byIndex('node', name);
      await prune({ writer, resource: resources.nodeReports, stored, wanted: new Set() });
    },
    ...deps.controller,
  });
}
