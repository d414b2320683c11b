// SPDX-License-Identifier: Apache-2.0
import { renderTime } from '../../../api/conditions.ts';
import type { LoadBalancerBackendStatus, LoadBalancerStatus } from '../../../api/index.ts';
import type { BackendReport } from '../../../api/report.ts';

/** Most backends in a status; more would make too large a write. */
const MOST_BACKENDS = 1000;

/**
 * Combines the backends in the reports of all instances. A backend that one instance reports as taking no flows
 * counts as such, because that instance sends its flows elsewhere. Of several such reports the one counts that has
 * said so for longest; the order of the instances does not matter.
 */
export function summarizeBackends(options: {
  /** Reports of all instances, in one list. */
  readonly reports: readonly BackendReport[];
  readonly previous: LoadBalancerStatus | undefined;
  readonly addresses: readonly string[];
  readonly now: Date;
}): Pick<LoadBalancerStatus, 'addresses' | 'summary' | 'backends'> {
  const { reports, previous, addresses, now } = options;
  const worst = new Map<string, BackendReport>();
  for (const report of reports) {
    const known = worst.get(report.address);
    if (!known || compareReports(report, known) < 0) worst.set(report.address, report);
  }
  const before = new Map((previous?.backends ?? []).map((each) => [each.address, each]));
  const all = [...worst.values()]
    .sort((a, b) => (a.address < b.address ? -1 : 1))
    .map((report) => renderBackend(report, before.get(report.address), now));
  const taking = all.filter(({ healthy }) => healthy).length;
  return {
    addresses,
    summary: `${taking}/${all.length}`,
    backends: all.length <= MOST_BACKENDS ? all : mostTelling(all),
  };
}

/** Orders reports about one backend: the one that a status shows comes first. */
function compareReports(a: BackendReport, b: BackendReport): number {
  const [one, other] = [a, b].map(({ since = LATEST, reason, message = '', weight, pod = '' }) =>
    JSON.stringify([since, reason, message, weight, pod]),
  ) as [string, string];
  return Number(a.healthy) - Number(b.healthy) || (one < other ? -1 : one > other ? 1 : 0);
}

/** Later than every time. */
const LATEST = '~';

function renderBackend(
  { address, pod, weight, healthy, reason, since, message }: BackendReport,
  before: LoadBalancerBackendStatus | undefined,
  now: Date,
): LoadBalancerBackendStatus {
  const changed = before?.healthy !== healthy;
  return {
    address,
    ...(pod !== undefined && { pod }),
    weight,
    healthy,
    since: changed ? (since?.replace(/\.\d+Z$/, 'Z') ?? renderTime(now)) : before.since,
    reason,
    ...(message !== undefined && { message: message.slice(0, 256) }),
  };
}

function mostTelling(all: readonly LoadBalancerBackendStatus[]): readonly LoadBalancerBackendStatus[] {
  const sick = all.filter(({ healthy }) => !healthy);
  const well = all.filter(({ healthy }) => healthy);
  return [...sick, ...well].slice(0, MOST_BACKENDS);
}
