// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { listFiles } from '../build/files.ts';
import { parseBlocks } from '../docs/commands.ts';

const INDEX = 'docs/README.md';
/** Paths below these folders, in backticks, must exist. */
const PATH =
  /`((?:api|kube|operator|agent|functions|cli|tools|bench|test|charts|crds|examples|docs)\/[A-Za-z0-9_./-]*[A-Za-z0-9_/-])`/g;

/** Whether a path that a page names exists. */
export type Exists = (path: string) => boolean;

/** Pure: the faults of one page: links and paths that lead nowhere, and commands without a word about who runs them. */
export function findPageFaults(page: string, text: string, exists: Exists): readonly string[] {
  return [
    ...brokenLinks(page, text, exists),
    ...brokenPaths(page, text, exists),
    ...unmarked(page, text, exists),
  ];
}

function brokenLinks(page: string, text: string, exists: Exists): readonly string[] {
  return [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]+)(#[^)\s]*)?\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !exists(normalize(join(dirname(page), link))))
    .map((link) => `${page}: a link leads nowhere: ${link}`);
}

function brokenPaths(page: string, text: string, exists: Exists): readonly string[] {
  if (page === 'docs/moved.md') return [];
  return [...text.matchAll(PATH)]
    .map(([, path = '']) => path)
    .filter(
      (path) =>
        !/KIND|NAME/.test(path) && !exists(path) && !exists(`${path}.ts`) && !exists(`${path}.test.ts`),
    )
    .map((path) => `${page}: there is no ${path}`);
}

function unmarked(page: string, text: string, exists: Exists): readonly string[] {
  return parseBlocks(page, text).flatMap(({ line, runner }) => {
    if (!runner) return [`${page}:${line}: say who runs these commands: \`\`\`sh run, by=FILE or example`];
    if (runner.kind === 'by' && !exists(runner.file)) return [`${page}:${line}: there is no ${runner.file}`];
    return [];
  });
}

/** Pure: pages that are missing in the index. */
export function findUnlisted(pages: readonly string[], index: string): readonly string[] {
  return pages
    .filter((page) => page !== INDEX && !index.includes(`(${page.replace('docs/', '')})`))
    .map((page) => `${INDEX} has no link to ${page}`);
}

/** Checks all pages of the documentation. */
export function checkDocs(root: string): readonly string[] {
  const pages = listFiles(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`);
  const exists = (path: string): boolean => existsSync(join(root, path));
  const read = (page: string): string => readFileSync(join(root, page), 'utf8');
  const all = [
    ...pages,
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'CHANGELOG.md',
    'tools/kind/README.md',
  ];
  return [
    ...all.flatMap((page) => findPageFaults(page, read(page), exists)),
    ...findUnlisted(pages, read(INDEX)),
  ];
}
