import { globSync } from 'node:fs';

export const projectNames = ['unit', 'kernel', 'cluster', 'chart'] as const;
export type ProjectName = (typeof projectNames)[number];

/** The test files of a project of vitest.config.ts, as patterns below the repository. */
interface Project {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

export const projects: Readonly<Record<ProjectName, Project>> = {
  unit: { include: ['test/unit/**/*.test.ts'] },
  kernel: { include: ['test/packets/**/*.test.ts', 'test/kernel/**/*.test.ts'] },
  cluster: { include: ['test/cluster/**/*.test.ts'], exclude: ['test/cluster/chart/**'] },
  // Removes Heddle and installs it again, so it runs after the others.
  chart: { include: ['test/cluster/chart/**/*.test.ts'] },
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
