// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** The kernel accepts the programs of the data path under the GPL; for other uses, BSD may be chosen. */
const BPF = 'GPL-2.0-only OR BSD-2-Clause';
const OURS = 'Apache-2.0';

/** Pure: the licence that a file must name; undefined for a file that cannot have such a line. */
export function licenceOf(file: string): string | undefined {
  if (!/\.(ts|c|h|sh|py)$/.test(file)) return undefined;
  return /^agent\/bpf\/|\.bpf\.c$/.test(file) ? BPF : OURS;
}

/** Pure: what is wrong with the first lines of a file. */
export function findLicenceFault(file: string, text: string): string | undefined {
  const wanted = licenceOf(file);
  if (wanted === undefined) return undefined;
  const head = text.split('\n', 3).join('\n');
  const named = /SPDX-License-Identifier: ([^\n*]*[^\s*])/.exec(head)?.[1];
  if (named === wanted) return undefined;
  return `${file}: its first lines ${named ? `say ${named}` : 'name no licence'}; write SPDX-License-Identifier: ${wanted}`;
}

/** Looks at every source file that git knows. */
export async function checkLicences(root: string): Promise<readonly string[]> {
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
  });
  return stdout
    .split('\n')
    .filter((file) => licenceOf(file) !== undefined)
    .flatMap((file) => {
      const fault = findLicenceFault(file, readFileSync(join(root, file), 'utf8'));
      return fault ? [fault] : [];
    });
}
