// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The options of Node with which a program's image starts, so that the benchmark measures what is released. */
export function nodeFlagsOf(program: 'operator' | 'agent'): readonly string[] {
  const dockerfile = readFileSync(join(import.meta.dirname, '..', program, 'Dockerfile'), 'utf8');
  const entrypoint = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]') as readonly string[];
  return entrypoint.filter((word) => word.startsWith('--'));
}
