// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import { keyOf } from '../../api/key.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { LocalState } from '../observe/local.ts';
import type { AgentStores } from '../observe/stores.ts';
import { labelStep } from './labels.ts';
import { TraceMaps } from './maps.ts';
import { parseQuery, QueryError } from './query.ts';
import { type Interfaces, traceStep } from './step.ts';

export interface TraceSources {
  readonly kernel: Pick<Kernel, 'mapLookup'>;
  readonly mapsDir: string;
  readonly local: LocalState;
  readonly stores: AgentStores;
}

/** Serves `GET /trace`: one step of a packet as this node's kernel would take it. Nothing is changed by asking. */
export function serveTrace(app: Express, sources: TraceSources): void {
  const trace = createTracer(sources);
  // One request at a time, so that traces do not keep the kernel's child from its other work.
  let turn: Promise<unknown> = Promise.resolve();
  app.get('/trace', async (request, response) => {
    const answer = turn.then(() => trace(request.query));
    turn = answer.catch(() => undefined);
    try {
      response.json(await answer);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      response.status(400).json({ message: error.message });
    }
  });
}

/** Answers the queries of `/trace`. */
export function createTracer({ kernel, mapsDir, local, stores }: TraceSources) {
  const maps = new TraceMaps((map, key) => kernel.mapLookup({ path: `${mapsDir}/${map}`, key }));
  const interfaces = interfacesOf(local, stores);
  return async (query: Readonly<Record<string, unknown>>) => {
    const { packet, place } = parseQuery(query);
    return labelStep(await traceStep({ maps, interfaces, packet }, place), { node: local.node, stores });
  };
}

function interfacesOf(local: LocalState, stores: AgentStores): Interfaces {
  const ifindexOfPort = (key: string) => local.interfaceOf(key)?.ifindex;
  return {
    ifindexOfPort,
    ifindexOfInstance: (id) => {
      const [port] = stores.ports.byIndex('instance', String(id));
      return port && ifindexOfPort(keyOf(port));
    },
  };
}
