// SPDX-License-Identifier: Apache-2.0
import type { BackendReport } from '../../api/report.ts';
import type { Standing } from './standing.ts';

/** Pure: the state of the backends for `/report`. */
export function renderReport(standings: readonly Standing[]): {
  readonly backends: readonly BackendReport[];
} {
  return {
    backends: standings.map(({ backend, takes, reason, since, message }) => ({
      address: backend.address,
      ...(backend.pod !== undefined && { pod: backend.pod }),
      weight: backend.weight,
      healthy: takes,
      reason,
      ...(since !== undefined && { since: new Date(since).toISOString() }),
      ...(message !== undefined && { message }),
    })),
  };
}
