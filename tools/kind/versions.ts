// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolsModule } from './paths.ts';

/** The node image of Kubernetes v1.37.0 that kind v0.33.0 names; by its digest alone, which every engine accepts. */
export const publishedNodeImage =
  'docker.io/kindest/node@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5';

/** The tag of that image, which it has when a user loaded it into the engine's store from a file. */
export const publishedNodeTag = 'docker.io/kindest/node:v1.37.0';

export interface ToolModule {
  /** The oldest Go that builds the module, as in `1.26.0`. */
  readonly go: string;
  /** Import paths of the `tool` lines. */
  readonly tools: readonly string[];
  /** Module path to version, as in `v1.37.2`. */
  readonly requires: ReadonlyMap<string, string>;
}

/** Reads the needed parts of a go.mod, so that versions are written in one place only. */
export function parseGoMod(text: string): ToolModule {
  const tools: string[] = [];
  const requires = new Map<string, string>();
  let go = '';
  let block = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/\/\/.*/, '').trim();
    if (line === ')') block = '';
    else if (/^\w+ \($/.test(line)) block = line.slice(0, -2);
    else if (line.startsWith('go ')) go = line.slice(3);
    else if (block === 'tool' && line) tools.push(line);
    else if (block === 'require' && line) {
      const [path, version] = line.split(' ');
      if (path && version) requires.set(path, version);
    }
  }
  return { go, tools, requires };
}

export function versionOf(module: ToolModule, path: string): string {
  const version = module.requires.get(path);
  if (!version) throw new Error(`The go.mod does not require ${path}`);
  return version;
}

export function readToolModule(folder = toolsModule): ToolModule {
  return parseGoMod(readFileSync(join(folder, 'go.mod'), 'utf8'));
}

/** A short name that depends on all inputs of a cached output. */
export function cacheKey(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 12);
}

export type Version = readonly [major: number, minor: number, patch: number];

/** Finds the first version in the output of a program: `go1.26.8`, `v0.33.0`, `Client Version: v1.32.4-x`. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (!match) return undefined;
  return [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Whether a program in the user's PATH can be used instead of one that we build. */
export function fits(tool: 'kind' | 'kubectl' | 'helm', found: Version, ours: Version): boolean {
  switch (tool) {
    case 'kubectl': // Kubernetes supports a skew of one minor version.
      return found[0] === ours[0] && Math.abs(found[1] - ours[1]) <= 1;
    case 'kind': // An older kind does not know how to start a newer node image.
      return found[0] === ours[0] && found[1] >= ours[1];
    case 'helm': // The chart is tested with ours; 3.18 is the first with the same server-side checks.
      return compareVersions(found, [3, 18, 0]) >= 0;
  }
}
