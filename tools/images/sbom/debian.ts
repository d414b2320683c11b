// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of Debian that has files in an image. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** The source package, with the version when it differs. */
  readonly source: string;
  readonly maintainer: string;
  readonly homepage: string | undefined;
}

/** Where the base's Dockerfile puts one file a package, as distroless images do. */
const statusFolder = 'var/lib/dpkg/status.d';

/** Reads the packages that unpacked layers list. */
export function readDebianPackages(folders: readonly string[]): readonly DebianPackage[] {
  return folders.flatMap((folder) => {
    const status = join(folder, statusFolder);
    if (!existsSync(status)) return [];
    return readdirSync(status)
      .sort()
      .map((name) => parseStatus(readFileSync(join(status, name), 'utf8')));
  });
}

/** Pure: reads one entry of dpkg's status. */
export function parseStatus(text: string): DebianPackage {
  const fields = new Map(
    text
      .split('\n')
      .map((line) => /^([A-Za-z-]+): (.*)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name = '', value = '']) => [name, value.trim()]),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (!value) throw new Error(`an entry of dpkg's status has no ${name}: ${text.slice(0, 80)}`);
    return value;
  };
  return {
    name: field('Package'),
    version: field('Version'),
    architecture: field('Architecture'),
    source: fields.get('Source') ?? field('Package'),
    maintainer: field('Maintainer'),
    homepage: fields.get('Homepage'),
  };
}
