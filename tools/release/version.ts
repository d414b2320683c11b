// SPDX-License-Identifier: Apache-2.0
/** A release's version, https://semver.org: `1.2.3` or `1.2.3-rc.1`. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/;

/** Pure: what is wrong with a version; undefined when it is valid. */
export function versionFault(text: string): string | undefined {
  return VERSION.test(text) ? undefined : `"${text}" is no version: write X.Y.Z or X.Y.Z-rc.1`;
}

/** Pure: package.json or package-lock.json with another version; all other bytes stay as they are. */
export function withVersion(text: string, version: string): string {
  const parsed = JSON.parse(text) as { version?: unknown; packages?: Record<string, { version?: unknown }> };
  const before = parsed.version;
  if (typeof before !== 'string') throw new Error('package.json has no version');
  const mine = `"version": ${JSON.stringify(before)}`;
  // The package's own version comes first: at the top, and in a lock file again as the package "".
  const times = parsed.packages ? 2 : 1;
  let at = -1;
  let result = text;
  for (let count = 0; count < times; count++) {
    at = result.indexOf(mine, at + 1);
    if (at < 0) throw new Error(`there are not ${times} lines ${mine}`);
    result = result.slice(0, at) + `"version": ${JSON.stringify(version)}` + result.slice(at + mine.length);
  }
  return result;
}

const UNRELEASED = '## Unreleased\n';

/** Pure: turns the changelog's section of unreleased changes into the section of this version. */
export function withReleasedChanges(changelog: string, version: string, date: string): string {
  if (changelog.includes(`## ${version}`)) return changelog;
  if (!changelog.includes(UNRELEASED)) throw new Error('CHANGELOG.md has no line "## Unreleased"');
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} (${date})\n`);
}
