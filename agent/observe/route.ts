// SPDX-License-Identifier: Apache-2.0
import type { Express } from 'express';
import type { NodeCounters } from '../../api/counters.ts';
import { observeDown, observeDrops, observeHops } from './counters.ts';
import type { DataPathSources } from './metrics.ts';
import { nameHops } from './named.ts';

/** Serves `GET /counters`: all counters; two calls show what has increased. */
export function serveCounters(app: Express, source: DataPathSources): void {
  app.get('/counters', async (_request, response) => {
    const [drops, hops, down] = await Promise.all([
      observeDrops(source.kernel, source.mapsDir),
      observeHops(source),
      observeDown(source),
    ]);
    const counters: NodeCounters = {
      node: source.local.node,
      drops,
      hops: nameHops(hops, source.stores.slices),
      down,
    };
    response.json(counters);
  });
}
