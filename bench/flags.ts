// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The options of Node with which a program's image starts, so that the benchmark measures what is released. */
export function nodeFlagsOf(program: 'operator' | 'agent'): readonly string[] {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', program, 'Dockerfile'), 'utf8');
  const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as readonly string[];
  // Before node there may be tini with a `--` of its own.
  return entrypoint.slice(entrypoint.indexOf('node')).filter((word) => word.startsWith('--'));
}
