// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import type { TestOptions } from 'vitest';

/**
 * Options of a test, or of a suite, that needs what the runner brings: root, a program, a cluster of our own. `missing`
 * says what is not here, and is the reason of the skip; in CI it is an error, so that nothing stays untested unnoticed.
 */
export function needs(missing: string | undefined): TestOptions {
  if (missing !== undefined && process.env.CI) throw new Error(`cannot run in CI: ${missing}`);
  return skipWhere(missing);
}

/**
 * Options of a test or suite that needs something which not every kernel or cluster has; `lacking` is the reason of the
 * skip.
 */
export function skipWhere(lacking: string | undefined): TestOptions {
  return lacking === undefined ? {} : { skip: true, meta: { skipReason: lacking } };
}

/** Why tests that make network namespaces and use these programs cannot run here; undefined when they can. */
export function findMissing(tools: readonly string[]): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = tools.find((tool) => !isInstalled(tool));
  return missing && `${missing} is not installed`;
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
