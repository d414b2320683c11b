// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundles, externalPackages } from './artifacts.ts';
import { packagesPath } from './packages.ts';

/** A package of npm that is part of one of our programs or images. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** `sha512-...` of its archive, as package-lock.json has it. */
  readonly integrity: string | undefined;
  /** The text of the licence in the package; empty when there is none. */
  readonly text: string;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/** The packages inside the bundles of `dist/`, sorted and without duplicates, from the lists that the build wrote. */
export function bundledPackages(
  root: string,
  dist: string,
  outputs: readonly string[],
): readonly NpmPackage[] {
  const folders = outputs.flatMap(
    (output) => JSON.parse(readFileSync(packagesPath(join(dist, output)), 'utf8')) as string[],
  );
  return readPackages(root, folders);
}

/** The packages that stay outside the bundles and are copied as they are. */
export function copiedPackages(root: string, arch: string): readonly NpmPackage[] {
  return readPackages(
    root,
    externalPackages(arch).map(({ name }) => `node_modules/${name}`),
  );
}

export const allOutputs: readonly string[] = bundles.map(({ output }) => output);

function readPackages(root: string, folders: readonly string[]): readonly NpmPackage[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
  const read = [...new Set(folders)].map((folder) =>
    readPackage(join(root, folder), lock.packages[folder]?.integrity),
  );
  const unique = new Map(read.map((one) => [`${one.name}@${one.version}`, one]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function readPackage(folder: string, integrity: string | undefined): NpmPackage {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const { name, version, license } = manifest;
  if (!license) throw new Error(`${folder}/package.json names no license`);
  const files = readdirSync(folder).filter((file) => /^(un)?licen[sc]e|^copying|^notice/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name, version, license, integrity, text: texts.join('\n\n') };
}
