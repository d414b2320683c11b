// SPDX-License-Identifier: Apache-2.0
import { isFormer } from '../../api/former.ts';
import { Controller, watch } from '../../kube/controller.ts';
import { resources } from '../../kube/resource.ts';
import { prune } from '../apply/prune.ts';
import type { ControllerDeps } from './deps.ts';

/**
 * Creates the controller that deletes the NodeReports of deleted nodes, of both groups (api/former.ts). Keys are
 * names of nodes.
 */
export function createNodeController(deps: ControllerDeps): Controller {
  const { stores, writer } = deps;
  return new Controller({
    name: 'node',
    watches: [
      watch(stores.nodeReports, (old, now) => [(now ?? old)!.metadata.name]),
      watch(stores.nodes, (old, now) => (now ? [] : [old!.metadata.name])),
    ],
    reconcile: async (name) => {
      // The watch may show the report of a new node before the node itself, so ask the API server.
      if (stores.nodes.has(name) || (await writer.read({ resource: resources.nodes, name }))) return;
      const reports = stores.nodeReports.byIndex('node', name).filter((report) => !isFormer(report));
      const former = stores.formerNodeReports.byIndex('node', name);
      await prune({ writer, resource: resources.nodeReports, stored: reports, wanted: new Set() });
      await prune({ writer, resource: resources.formerNodeReports, stored: former, wanted: new Set() });
    },
    ...deps.controller,
  });
}
