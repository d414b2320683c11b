// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { matchesGlob } from 'node:path';

export const projectNames = ['unit', 'kernel', 'cluster', 'chart'] as const;
export type ProjectName = (typeof projectNames)[number];

/** The test files of a project of vitest.config.ts, as patterns below the repository. */
interface Project {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** How many files run at a time; as many as there are cores when absent. */
  readonly workers?: number;
  /** Files that stop what others of the suite use: each runs when no other of its suite does. */
  readonly alone?: readonly string[];
  /** Files that measure time: each runs when nothing else of the whole run does. */
  readonly quiet?: readonly string[];
}

export const projects: Readonly<Record<ProjectName, Project>> = {
  unit: { include: ['test/unit/**/*.test.ts'] },
  kernel: {
    include: ['test/packets/**/*.test.ts', 'test/kernel/**/*.test.ts'],
    // They wait more than they compute, each in network namespaces of its own.
    workers: 2,
    quiet: [
      // How fast failures are noticed, another takes over, agents return, and large rule sets load.
      'test/kernel/health/**',
      'test/kernel/vpn/takeover.test.ts',
      'test/kernel/resilience/agents.test.ts',
      'test/kernel/loadbalancer/program.test.ts',
      'test/kernel/firewall/large.test.ts',
    ],
  },
  cluster: {
    include: ['test/cluster/**/*.test.ts'],
    exclude: ['test/cluster/chart/**'],
    // Each in Kubernetes namespaces of its own.
    workers: 2,
    alone: [
      // They stop API server, nodes, agents or operators.
      'test/cluster/resilience/**',
      'test/cluster/datapath/**',
      'test/cluster/network/leaders.test.ts',
      // A second plugin in the container runtime of a node.
      'test/cluster/nri/**',
      // They look at all nodes, also at those that others invent, or at counters of the whole cluster.
      'test/cluster/cli/**',
      'test/cluster/docs/**',
      'test/cluster/custom/suricata.test.ts',
      'test/cluster/runtime/observation.test.ts',
      // They take ports of the nodes, and addresses on the wire of the nodes.
      'test/cluster/loadbalancer/**',
      'test/cluster/examples/**',
      'test/cluster/vpn/**',
      // How soon a report shows in a condition.
      'test/cluster/operator/health.test.ts',
    ],
    // How fast another takes over.
    quiet: ['test/cluster/vpn/takeover.test.ts', 'test/cluster/runtime/lease.test.ts'],
  },
  // Removes Heddle and installs it again, so it runs after the others.
  chart: { include: ['test/cluster/chart/**/*.test.ts'], workers: 1 },
};

/** The test files of a project whose path contains one of the filters; all of them without a filter. */
export function findTestFiles(
  root: string,
  project: ProjectName,
  filters: readonly string[],
): readonly string[] {
  const { include, exclude = [] } = projects[project];
  return globSync([...include], { cwd: root, exclude: [...exclude] })
    .filter((file) => filters.length === 0 || filters.some((filter) => matches(file, filter)))
    .sort();
}

/** Files that vitest runs in one go. */
export interface Group {
  readonly files: readonly string[];
  readonly workers: number | undefined;
  /** Nothing else may run meanwhile. */
  readonly quiet: boolean;
}

/** Pure: those that run side by side, then those that run alone, then those that need silence. */
export function groupFiles(project: ProjectName, files: readonly string[]): readonly Group[] {
  const { workers, alone = [], quiet = [] } = projects[project];
  const isOf = (file: string, patterns: readonly string[]): boolean =>
    patterns.some((pattern) => matchesGlob(file, pattern));
  const groups: readonly Group[] = [
    { files: files.filter((file) => !isOf(file, [...alone, ...quiet])), workers, quiet: false },
    { files: files.filter((file) => isOf(file, alone) && !isOf(file, quiet)), workers: 1, quiet: false },
    { files: files.filter((file) => isOf(file, quiet)), workers: 1, quiet: true },
  ];
  return groups.filter((group) => group.files.length > 0);
}

/** Filters of which no project in the list has a file: somebody mistyped a name. */
export function findUnmatched(
  root: string,
  chosen: readonly ProjectName[],
  filters: readonly string[],
): readonly string[] {
  return filters.filter((filter) =>
    chosen.every((project) => findTestFiles(root, project, [filter]).length === 0),
  );
}

function matches(file: string, filter: string): boolean {
  return file.toLowerCase().includes(filter.replace(/^\.\//, '').toLowerCase());
}
