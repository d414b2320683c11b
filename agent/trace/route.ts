// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import { keyOf, keyOfRef } from '../../api/key.ts';
import { NOT_ROUTED, type TracePlace } from '../../api/trace.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { LocalState } from '../observe/local.ts';
import { matesOf, networkFacts } from '../observe/network-facts.ts';
import type { AgentStores } from '../observe/stores.ts';
import type { NodeFacts } from '../render/attachment/types.ts';
import { labelStep } from './labels.ts';
import { TraceMaps } from './maps.ts';
import { dropStep } from './outcome.ts';
import type { Packet } from './packet.ts';
import { parseQuery, QueryError } from './query.ts';
import { judgeRouted, type Routed } from './routed.ts';
import { type Interfaces, traceStep } from './step.ts';

export interface TraceSources {
  readonly kernel: Pick<Kernel, 'mapLookup'>;
  readonly mapsDir: string;
  readonly local: LocalState;
  readonly stores: AgentStores;
  readonly node: NodeFacts;
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
export function createTracer(sources: TraceSources) {
  const { kernel, mapsDir, local, stores } = sources;
  const maps = new TraceMaps((map, key) => kernel.mapLookup({ path: `${mapsDir}/${map}`, key }));
  const interfaces = interfacesOf(local, stores);
  return async (query: Readonly<Record<string, unknown>>) => {
    const { packet, place } = parseQuery(query);
    const names = { node: local.node, stores };
    const routed = place.kind === 'Port' ? routedFrom(place, packet, sources) : HERE;
    if (routed.kind === 'Elsewhere') return labelStep(dropStep(NOT_ROUTED, routed.why), names);
    const step = labelStep(await traceStep({ maps, interfaces, packet }, place), names);
    return routed.note === undefined ? step : { ...step, note: routed.note };
  };
}

const HERE: Routed = { kind: 'Here' };

/** Judges by the pod's routes whether a packet leaves by the interface of the Port at all. */
function routedFrom(
  place: Extract<TracePlace, { kind: 'Port' }>,
  packet: Packet,
  { local, stores, node }: TraceSources,
): Routed {
  const port = stores.ports.get(place.port);
  if (!port) return HERE;
  const routed = judgeRouted(port, {
    mates: matesOf(stores, port).filter((mate) => local.interfaceOf(keyOf(mate)) !== undefined),
    packet,
    sources: {
      node,
      factsOf: ({ spec }) => {
        const network = spec.network && stores.networks.get(keyOfRef(spec.network));
        return network && networkFacts(stores, network);
      },
    },
  });
  // An answer has the source address of what it answers.
  return place.reply && routed.kind === 'Here' ? HERE : routed;
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
