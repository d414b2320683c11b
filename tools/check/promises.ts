// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from '../build/files.ts';

const PAGE = 'docs/security.md';
const PROMISED = 'What is promised';
const OPEN = 'Not promised yet';
const ROW = /^\|\s*`([a-z][a-z0-9-]*)`\s*\|(.*)\|\s*$/;
const MARKER = /security\.md: ([a-z][a-z0-9-]*(?:, [a-z][a-z0-9-]*)*)/g;

/** A row of the page: its name, the section that it is in, and the test files that it names. */
export interface Row {
  readonly name: string;
  readonly section: string;
  readonly line: number;
  readonly tests: readonly string[];
}

/** Pure: the rows of the tables of the page. */
export function parseRows(text: string): readonly Row[] {
  const rows: Row[] = [];
  let section = '';
  text.split('\n').forEach((content, index) => {
    section = /^## (.*)$/.exec(content)?.[1] ?? section;
    const [, name, cells = ''] = ROW.exec(content) ?? [];
    if (name === undefined) return;
    const last = cells.split('|').at(-1) ?? '';
    const tests = [...last.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    rows.push({ name, section, line: index + 1, tests: section === PROMISED ? tests : [] });
  });
  return rows;
}

/** Pure: the names of rows that a test file carries. */
export function parseMarkers(text: string): readonly string[] {
  return [...text.matchAll(MARKER)].flatMap(([, names = '']) => names.split(', '));
}

/** Pure: promises without a test, tests that do not carry the name of their promise, and names that no row has. */
export function findBrokenPromises(
  page: string,
  tests: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const rows = parseRows(page);
  const names = new Set(rows.map(({ name }) => name));
  return [
    ...twice(rows),
    ...rows.filter(({ section }) => section === PROMISED).flatMap((row) => unproved(row, tests)),
    ...[...tests].flatMap(([file, carried]) =>
      carried
        .filter((name) => !names.has(name))
        .map((name) => `${file} carries "security.md: ${name}", but ${PAGE} has no row ${name}`),
    ),
  ];
}

function twice(rows: readonly Row[]): readonly string[] {
  return rows
    .filter(({ name }, index) => rows.findIndex((other) => other.name === name) < index)
    .map(
      ({ name, line }) =>
        `${PAGE}:${line}: ${name} is there twice; a row that became true leaves "${OPEN}" (a half that is left gets a name of its own)`,
    );
}

function unproved(
  { name, line, tests: files }: Row,
  tests: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const where = `${PAGE}:${line}: ${name}`;
  if (files.length === 0) {
    return [`${where} names no test: list test files in its last column, or move it to "${OPEN}"`];
  }
  return files.flatMap((file) => {
    const carried = tests.get(file);
    if (!carried) return [`${where}: there is no test file ${file}`];
    if (carried.includes(name)) return [];
    return [
      `${where}: ${file} does not carry the row: write "security.md: ${name}" into the title or comment of its test`,
    ];
  });
}

/** Checks the promises of the page against all tests. */
export function checkPromises(root: string): readonly string[] {
  const page = join(root, PAGE);
  if (!existsSync(page)) return [`there is no ${PAGE}`];
  const files = listFiles(join(root, 'test'))
    .map((file) => `test/${file}`)
    // The tests of this check carry names of other pages.
    .filter((file) => file.endsWith('.ts') && file !== 'test/unit/tools/check/promises.test.ts');
  const tests = new Map(files.map((file) => [file, parseMarkers(readFileSync(join(root, file), 'utf8'))]));
  return findBrokenPromises(readFileSync(page, 'utf8'), tests);
}
