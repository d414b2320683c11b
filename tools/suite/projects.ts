// SPDX-License-Identifier: Apache-2.0
import { globSync } from 'node:fs';
import { matchesGlob } from 'node:path';

export const projectNames = ['unit', 'fuzz', 'kernel', 'cluster', 'chart'] as const;
export type ProjectName = (typeof projectNames)[number];

/** The test files of a project of vitest.config.ts, as patterns below the repository. */
interface Project {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** How many files run at a time; by default the number of cores. */
  readonly workers?: number;
  /** Files that use the same thing: one of them runs at a time, beside the others. */
  readonly turns?: readonly string[];
  /** Files that stop what other files of the suite use: each runs while no other file of its suite does. */
  readonly alone?: readonly string[];
  /** Files that measure time: each runs while nothing else of the whole run does. */
  readonly quiet?: readonly string[];
}

export const projects: Readonly<Record<ProjectName, Project>> = {
  unit: { include: ['test/unit/**/*.test.ts'] },
  fuzz: { include: ['test/fuzz/**/*.test.ts'] },
  kernel: {
    include: ['test/packets/**/*.test.ts', 'test/kernel/**/*.test.ts'],
    // These files wait more than they compute, each in its own network namespaces.
    workers: 2,
    quiet: [
      // They measure how fast failures are noticed, functions take over, agents return, and large rule sets load.
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
    // Each file has its own Kubernetes namespaces.
    workers: 2,
    // They use ports of the nodes, and addresses on the nodes' network.
    turns: ['test/cluster/loadbalancer/**', 'test/cluster/examples/**', 'test/cluster/vpn/**'],
    alone: [
      // They stop the API server, nodes, agents or operators.
      'test/cluster/resilience/**',
      'test/cluster/datapath/**',
      'test/cluster/network/leaders.test.ts',
      // A second plugin in the container runtime of a node.
      'test/cluster/nri/**',
      // It measures how soon pods start, beside many that cannot.
      'test/cluster/security/starts.test.ts',
      // It stops an agent.
      'test/cluster/security/past-agent.test.ts',
      // They look at all nodes, those that other tests make included, or at counters of the whole cluster.
      'test/cluster/cli/**',
      'test/cluster/docs/**',
      'test/cluster/custom/suricata.test.ts',
      'test/cluster/runtime/observation.test.ts',
      // It measures how soon a report changes a condition.
      'test/cluster/operator/health.test.ts',
    ],
    // They measure how fast another gateway or leader takes over.
    quiet: ['test/cluster/vpn/takeover.test.ts', 'test/cluster/runtime/lease.test.ts'],
  },
  // It removes Heddle and installs it again, so it runs after the others.
  chart: { include: ['test/cluster/chart/**/*.test.ts'], workers: 1 },
};

/** The test files of a project whose path contains one of the filters; without a filter, all of them. */
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

/** Files that one process of vitest runs. */
export interface Group {
  readonly files: readonly string[];
  readonly workers: number | undefined;
}

/** Groups that run at the same time. */
export interface Stage {
  readonly groups: readonly Group[];
  /** Whether nothing else of the whole run may run at the same time. */
  readonly quiet: boolean;
}

/**
 * Pure: what runs when: first the files that run in parallel, and beside them those that take turns; then those that
 * run alone; then the quiet ones.
 */
export function planStages(project: ProjectName, files: readonly string[]): readonly Stage[] {
  const { workers, turns = [], alone = [], quiet = [] } = projects[project];
  const kindOf = (file: string): 'parallel' | 'turns' | 'alone' | 'quiet' => {
    const isOf = (patterns: readonly string[]): boolean =>
      patterns.some((pattern) => matchesGlob(file, pattern));
    return isOf(quiet) ? 'quiet' : isOf(alone) ? 'alone' : isOf(turns) ? 'turns' : 'parallel';
  };
  const group = (kind: ReturnType<typeof kindOf>, count: number | undefined): Group => ({
    files: files.filter((file) => kindOf(file) === kind),
    workers: count,
  });
  const stage = (groups: readonly Group[], isQuiet: boolean): Stage => ({
    groups: groups.filter((some) => some.files.length > 0),
    quiet: isQuiet,
  });
  return [
    stage([group('parallel', workers), group('turns', 1)], false),
    stage([group('alone', 1)], false),
    stage([group('quiet', 1)], true),
  ].filter(({ groups }) => groups.length > 0);
}

/** The filters that match no file in the listed projects; they are mistyped names. */
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
