// SPDX-License-Identifier: Apache-2.0
import type { Shell } from '../kind/shell.ts';

/** The commit that images are made from, for their labels. */
export interface Commit {
  /** The commit's id; with `-dirty` when files differ from it; `unknown` outside a checkout. */
  readonly revision: string;
  /** Seconds since 1970: the time of the commit, so that the same commit always gives the same images. */
  readonly time: number;
}

export async function readCommit(shell: Shell, root: string): Promise<Commit> {
  const head = await shell.attempt('git', ['log', '-1', '--format=%H %ct'], { cwd: root });
  if (!head.ok) return { revision: 'unknown', time: 0 };
  const [id = 'unknown', time] = head.stdout.split(' ');
  const changes = await shell.run('git', ['status', '--porcelain'], { cwd: root });
  return { revision: changes === '' ? id : `${id}-dirty`, time: Number(time) };
}

/** Pure: a tag that names the version and the commit. */
export function tagOf(version: string, { revision }: Commit): string {
  const dirty = revision.endsWith('-dirty') ? '-dirty' : '';
  return `${version}-${revision.slice(0, 12).replace('-dirty', '')}${dirty}`;
}

/** Pure: the time as OCI and SPDX write it. */
export function formatTime({ time }: Commit): string {
  return new Date(time * 1000).toISOString().replace('.000Z', 'Z');
}
